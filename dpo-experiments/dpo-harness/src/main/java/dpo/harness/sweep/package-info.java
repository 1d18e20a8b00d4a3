/**
 * Sweeps: the cells of a configuration file, each a run folder addressed by its content, computed once, resumed where it
 * was interrupted.
 */
@NullMarked
package dpo.harness.sweep;

import org.jspecify.annotations.NullMarked;
