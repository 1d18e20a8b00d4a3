/**
 * Python's operators on values, beyond the equality of {@link dpo.data.template.value.Equality}: arithmetic, order,
 * membership, and {@code %} of a text.
 */
@NullMarked
package dpo.data.template.operator;

import org.jspecify.annotations.NullMarked;
