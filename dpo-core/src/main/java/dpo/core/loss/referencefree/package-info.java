/**
 * Objectives without a reference, which score completions by the policy alone, and the supervised term.
 */
@NullMarked
package dpo.core.loss.referencefree;

import org.jspecify.annotations.NullMarked;
