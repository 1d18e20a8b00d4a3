/**
 * Compositions of objectives: weighted sums, weights of sources, turns, tokens and pairs, other divergences.
 */
@NullMarked
package dpo.core.loss.composed;

import org.jspecify.annotations.NullMarked;
