/**
 * Functions in log-space that neither overflow nor lose digits where the textbook forms do.
 */
@NullMarked
package dpo.core.numeric;

import org.jspecify.annotations.NullMarked;
