/** Tests of {@code dpo.torch.nn.attention}. */
@NullMarked
package dpo.torch.nn.attention;

import org.jspecify.annotations.NullMarked;
