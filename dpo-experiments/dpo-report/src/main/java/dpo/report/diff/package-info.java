/** Two runs or two sweeps compared, and a run with its reproduction. */
@NullMarked
package dpo.report.diff;

import org.jspecify.annotations.NullMarked;
