/**
 * Figures of a sweep's results: learning curves, metrics against a swept setting, and the reward–KL plane with the
 * exact frontier in the controlled world. SVG and PNG come from one drawing.
 */
@NullMarked
package dpo.report.figure;

import org.jspecify.annotations.NullMarked;
