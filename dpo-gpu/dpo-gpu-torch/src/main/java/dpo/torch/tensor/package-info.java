/**
 * Tensors on a device: their dtype, their lifetime in native memory, their names, and operators that the bindings lack.
 */
@NullMarked
package dpo.torch.tensor;

import org.jspecify.annotations.NullMarked;
