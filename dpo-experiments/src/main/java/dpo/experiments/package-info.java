/**
 * The experiment harness: {@link dpo.experiments.config configurations}, {@link dpo.experiments.train training},
 * {@link dpo.experiments.store run folders}, {@link dpo.experiments.sweep sweeps}, results, reports and the {@link dpo.experiments.command command line}.
 */
@NullMarked
package dpo.experiments;

import org.jspecify.annotations.NullMarked;
