/**
 * The objectives of the DPO family, each a small record with its analytic gradient with respect to the policy's
 * token log-probabilities, and their composition: weighted sums, the SFT term, turn weights, group weights.
 */
@NullMarked
package dpo.core.loss;

import org.jspecify.annotations.NullMarked;
