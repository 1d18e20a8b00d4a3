/** Tests of {@code dpo.torch.tensor}. */
@NullMarked
package dpo.torch.tensor;

import org.jspecify.annotations.NullMarked;
