/** Tests of {@code dpo.torch.family}. */
@NullMarked
package dpo.torch.family;

import org.jspecify.annotations.NullMarked;
