/**
 * Which examples make which optimizer step, and how they are cut into micro-batches: a deterministic plan with random
 * access, so that a run can go on where it was cut off.
 */
@NullMarked
package dpo.data.batch;

import org.jspecify.annotations.NullMarked;
