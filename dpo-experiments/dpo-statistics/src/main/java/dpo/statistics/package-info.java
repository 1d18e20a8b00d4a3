/**
 * Intervals and tests for repeated experiments. Values are doubles; all intervals and tests are two-sided.
 *
 * <ul>
 *   <li>one setting over seeds: {@link dpo.statistics.IntervalKind};
 *   <li>two settings: {@link dpo.statistics.Difference}; many settings against a baseline: {@link
 *       dpo.statistics.Dunnett}, or {@link dpo.statistics.Correction} of any p-values;
 *   <li>one policy on pairs: {@link dpo.statistics.Proportions} and {@link dpo.statistics.Clustered}; over seeds and
 *       pairs together: {@link dpo.statistics.SeedsAndItems};
 *   <li>several worlds or data sets: {@link dpo.statistics.RandomEffect} and {@link
 *       dpo.statistics.InterquartileMean};
 *   <li>before a sweep: {@link dpo.statistics.DetectableDifference}.
 * </ul>
 */
@NullMarked
package dpo.statistics;

import org.jspecify.annotations.NullMarked;
