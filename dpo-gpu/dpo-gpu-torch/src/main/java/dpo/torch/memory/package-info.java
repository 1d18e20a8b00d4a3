/** The estimate of the memory that a training run needs. */
@NullMarked
package dpo.torch.memory;

import org.jspecify.annotations.NullMarked;
