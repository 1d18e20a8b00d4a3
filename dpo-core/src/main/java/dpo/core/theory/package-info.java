/**
 * Solvers for the theory of preference optimization: minimisers of objectives over all answers, and the optima that they
 * are compared with.
 */
@NullMarked
package dpo.core.theory;

import org.jspecify.annotations.NullMarked;
