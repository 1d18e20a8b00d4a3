/**
 * The catalogue of published objectives by the names that configurations use.
 */
@NullMarked
package dpo.core.loss.catalog;

import org.jspecify.annotations.NullMarked;
