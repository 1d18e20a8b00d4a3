/**
 * Linear layers evaluated outside libtorch's graph, with their gradients written out: a trained or frozen weight
 * matrix, an optional bias, and an optional low-rank update with dropout.
 */
@NullMarked
package dpo.torch.linear;

import org.jspecify.annotations.NullMarked;
