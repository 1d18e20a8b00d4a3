/**
 * Objectives of ranked lists of completions.
 */
@NullMarked
package dpo.core.loss.list;

import org.jspecify.annotations.NullMarked;
