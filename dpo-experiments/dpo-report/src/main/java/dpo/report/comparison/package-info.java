/**
 * Comparisons of the settings of a sweep: each against a baseline ({@link dpo.report.comparison.Comparison}), and the
 * best one, selected and reported on different seeds ({@link dpo.report.comparison.Selection}).
 */
@NullMarked
package dpo.report.comparison;

import org.jspecify.annotations.NullMarked;
