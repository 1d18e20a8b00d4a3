/**
 * The core, which depends on no backend: {@link dpo.core.loss objectives}, the {@link dpo.core.logprob
 * log-probabilities} that they take, the {@link dpo.core.backend interfaces} of backends, and a world with a known
 * reward to test them in.
 */
@NullMarked
package dpo.core;

import org.jspecify.annotations.NullMarked;
