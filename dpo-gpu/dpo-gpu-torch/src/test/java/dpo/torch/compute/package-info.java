/** Tests of {@code dpo.torch.compute}. */
@NullMarked
package dpo.torch.compute;

import org.jspecify.annotations.NullMarked;
