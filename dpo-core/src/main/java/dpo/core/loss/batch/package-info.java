/**
 * Step-coupled objectives, in which a term depends on the other preferences of the optimizer step, and objectives of
 * single labelled completions.
 */
@NullMarked
package dpo.core.loss.batch;

import org.jspecify.annotations.NullMarked;
