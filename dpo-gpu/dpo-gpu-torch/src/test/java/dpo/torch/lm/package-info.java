/** Tests of {@code dpo.torch.lm}. */
@NullMarked
package dpo.torch.lm;

import org.jspecify.annotations.NullMarked;
