/**
 * The built-in formats, by name in {@link dpo.data.format.PreferenceFormats} and {@link
 * dpo.data.format.CompletionFormats}. Each is a record whose components are its configuration keys.
 */
@NullMarked
package dpo.data.format;

import org.jspecify.annotations.NullMarked;
