/** Experiments about the frontier of expected reward against KL from the reference. */
@NullMarked
package dpo.lab.frontier;

import org.jspecify.annotations.NullMarked;
