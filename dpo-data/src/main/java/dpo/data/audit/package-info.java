/**
 * A look at a preference set before training on it: counts, lengths, repeated and contradicting pairs, overlap of two
 * sets, what tokenisation makes of them.
 */
@NullMarked
package dpo.data.audit;

import org.jspecify.annotations.NullMarked;
