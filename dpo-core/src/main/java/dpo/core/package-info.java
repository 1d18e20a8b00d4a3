/**
 * The engine-free core: {@link dpo.core.loss objectives}, the {@link dpo.core.logprob log-probabilities} they are
 * functions of, the {@link dpo.core.backend contracts} of engines, and an exact world to test them in.
 */
@NullMarked
package dpo.core;

import org.jspecify.annotations.NullMarked;
