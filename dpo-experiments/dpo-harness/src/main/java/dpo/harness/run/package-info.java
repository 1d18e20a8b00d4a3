/**
 * Training of one policy: batches, reference log-probabilities, the loop itself, evaluation, checkpoints.
 */
@NullMarked
package dpo.harness.run;

import org.jspecify.annotations.NullMarked;
