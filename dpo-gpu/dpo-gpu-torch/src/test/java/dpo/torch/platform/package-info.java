/** Tests of {@code dpo.torch.platform}. */
@NullMarked
package dpo.torch.platform;

import org.jspecify.annotations.NullMarked;
