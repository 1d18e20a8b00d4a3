/**
 * The catalogue of published objectives by the names that configurations use.
 */
@NullMarked
package dpo.core.loss.published;

import org.jspecify.annotations.NullMarked;
