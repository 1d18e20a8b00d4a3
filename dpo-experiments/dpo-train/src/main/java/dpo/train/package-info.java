/**
 * Training of one policy, in memory: begin at {@link dpo.train.Trainer}. {@link dpo.train.TrainingLoop} takes the optimizer
 * steps and evaluations and reports them to a {@link dpo.train.TrainingListener}.
 */
@NullMarked
package dpo.train;

import org.jspecify.annotations.NullMarked;
