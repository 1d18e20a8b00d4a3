/** The estimate of the memory that a training run needs, and the calibration of its constants. */
@NullMarked
package dpo.torch.memory;

import org.jspecify.annotations.NullMarked;
