/**
 * Reverse-mode differentiation around libtorch's graph: a tape that records linear layers and operations whose
 * gradients are written out, and leaves the rest to libtorch.
 */
@NullMarked
package dpo.torch.autograd;

import org.jspecify.annotations.NullMarked;
