/** Experiments with one prompt and finitely many answers, in which all expectations are finite sums. */
@NullMarked
package dpo.lab.bandit;

import org.jspecify.annotations.NullMarked;
