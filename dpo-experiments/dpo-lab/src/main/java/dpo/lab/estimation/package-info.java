/** Experiments with finitely many pairs of a controlled world: what an estimate from them loses, and when none exists. */
@NullMarked
package dpo.lab.estimation;

import org.jspecify.annotations.NullMarked;
