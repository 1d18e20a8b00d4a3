/**
 * Objectives of ranked lists of completions.
 */
@NullMarked
package dpo.core.loss.listwise;

import org.jspecify.annotations.NullMarked;
