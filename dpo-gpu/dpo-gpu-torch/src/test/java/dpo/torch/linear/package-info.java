/** Tests of {@code dpo.torch.linear}. */
@NullMarked
package dpo.torch.linear;

import org.jspecify.annotations.NullMarked;
