/**
 * Measures of the torch engine's products, in the engine's own package so that they are taken with its own product and
 * its own packing of rows.
 */
@NullMarked
package dpo.torch;

import org.jspecify.annotations.NullMarked;
