/**
 * Per-token log-probabilities of completions under a policy and a reference: what every objective is a function of.
 * Rows are ragged: prompt and padding tokens do not exist here, so no mask can be wrong.
 */
@NullMarked
package dpo.core.logprob;

import org.jspecify.annotations.NullMarked;
