/** Training of a model: forward passes with gradients, the optimizer, and the timing of their phases. */
@NullMarked
package dpo.torch.training;

import org.jspecify.annotations.NullMarked;
