/**
 * The {@code tabular} backend: exact softmax policies over a {@link dpo.core.world controlled world}, with exact
 * gradients, in plain Java. It needs no native code, and is the oracle of the tests and the backend of the controlled
 * experiments.
 */
@NullMarked
package dpo.core.tabular;

import org.jspecify.annotations.NullMarked;
