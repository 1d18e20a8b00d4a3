/**
 * Sweeps: the cells of a configuration file, each with a run folder addressed by content. A cell is computed once and
 * resumes after an interruption.
 */
@NullMarked
package dpo.harness.sweep;

import org.jspecify.annotations.NullMarked;
