/**
 * Training of one policy in memory; the entry point is {@link dpo.train.Trainer}. {@link dpo.train.TrainingLoop} runs
 * the optimizer steps and evaluations and reports them to a {@link dpo.train.TrainingListener}.
 */
@NullMarked
package dpo.train;

import org.jspecify.annotations.NullMarked;
