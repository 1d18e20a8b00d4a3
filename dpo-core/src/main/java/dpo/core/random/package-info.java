/**
 * Randomness from named streams of a seed, so that one choice does not shift another.
 */
@NullMarked
package dpo.core.random;

import org.jspecify.annotations.NullMarked;
