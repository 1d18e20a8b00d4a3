/**
 * The limits on the cost of one chat template. {@link dpo.data.template.meter.Meter} counts steps, bytes and depth of
 * all parsing and rendering; every other package throws {@link dpo.data.template.meter.Failure}.
 */
@NullMarked
package dpo.data.template.meter;

import org.jspecify.annotations.NullMarked;
