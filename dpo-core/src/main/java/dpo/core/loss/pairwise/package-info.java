/**
 * Objectives of pairs whose scores are log-ratios to a reference: DPO and its relatives.
 */
@NullMarked
package dpo.core.loss.pairwise;

import org.jspecify.annotations.NullMarked;
