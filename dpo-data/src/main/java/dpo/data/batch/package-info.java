/**
 * The assignment of examples to optimizer steps and micro-batches: a deterministic plan with random access, so that an
 * interrupted run can resume. Begin with {@link dpo.data.batch.BatchPlan}.
 */
@NullMarked
package dpo.data.batch;

import org.jspecify.annotations.NullMarked;
