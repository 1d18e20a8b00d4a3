/**
 * Per-token log-probabilities of completions under a policy and a reference, the arguments of every objective. Rows are
 * ragged and hold scored tokens only; there are no masks.
 */
@NullMarked
package dpo.core.logprob;

import org.jspecify.annotations.NullMarked;
