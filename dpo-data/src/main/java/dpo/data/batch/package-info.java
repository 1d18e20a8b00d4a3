/**
 * Which examples make which optimizer step: a deterministic plan with random access, so that a run can go on where it
 * was cut off.
 */
@NullMarked
package dpo.data.batch;

import org.jspecify.annotations.NullMarked;
