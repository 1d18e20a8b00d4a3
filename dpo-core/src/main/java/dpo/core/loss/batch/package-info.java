/**
 * Objectives whose terms depend on the other preferences of an optimizer step, and those of single labelled completions.
 */
@NullMarked
package dpo.core.loss.batch;

import org.jspecify.annotations.NullMarked;
