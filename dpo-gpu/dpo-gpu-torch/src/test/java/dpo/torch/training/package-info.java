/** Tests of {@code dpo.torch.training}. */
@NullMarked
package dpo.torch.training;

import org.jspecify.annotations.NullMarked;
