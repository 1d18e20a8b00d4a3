/**
 * Random numbers from named streams of a seed, so that a change of one purpose does not change another.
 */
@NullMarked
package dpo.core.random;

import org.jspecify.annotations.NullMarked;
