/**
 * Functions in log-space that do not overflow or lose precision where the textbook forms do.
 */
@NullMarked
package dpo.core.numeric;

import org.jspecify.annotations.NullMarked;
