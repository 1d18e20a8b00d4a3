/**
 * The limits on what one chat template may cost. {@link dpo.data.template.meter.Meter} counts steps, bytes and depth of
 * all parsing and rendering; {@link dpo.data.template.meter.Failure} is what every other package throws.
 */
@NullMarked
package dpo.data.template.meter;

import org.jspecify.annotations.NullMarked;
