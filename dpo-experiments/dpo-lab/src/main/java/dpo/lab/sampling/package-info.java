/** Experiments about the distribution from which the answers of pairs are drawn. */
@NullMarked
package dpo.lab.sampling;

import org.jspecify.annotations.NullMarked;
