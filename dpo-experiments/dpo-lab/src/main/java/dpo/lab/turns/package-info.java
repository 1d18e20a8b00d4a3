/** Experiments about conversations of two turns with a user between them. */
@NullMarked
package dpo.lab.turns;

import org.jspecify.annotations.NullMarked;
