/** Tests of {@code dpo.torch.layout}. */
@NullMarked
package dpo.torch.layout;

import org.jspecify.annotations.NullMarked;
