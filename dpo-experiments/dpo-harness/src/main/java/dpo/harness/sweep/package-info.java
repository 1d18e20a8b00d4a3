/**
 * Sweeps: the cells of a configuration file, each with a run folder that is named by its identity. A cell is computed
 * once and resumes after an interruption.
 */
@NullMarked
package dpo.harness.sweep;

import org.jspecify.annotations.NullMarked;
