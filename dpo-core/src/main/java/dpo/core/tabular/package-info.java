/**
 * The {@code tabular} backend: softmax policies over a {@link dpo.core.world controlled world} with exact gradients, in
 * plain Java without native code. Tests and controlled experiments use it.
 */
@NullMarked
package dpo.core.tabular;

import org.jspecify.annotations.NullMarked;
