/**
 * The interfaces of objectives: records with an analytic gradient with respect to the policy's token log-probabilities.
 * Sub-packages hold the objectives of the DPO family and their compositions.
 */
@NullMarked
package dpo.core.loss;

import org.jspecify.annotations.NullMarked;
