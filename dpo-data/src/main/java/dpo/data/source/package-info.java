/**
 * The contract of a source of examples, and its result: {@link dpo.data.source.PreferenceSource} returns a
 * {@link dpo.data.source.Dataset} of preferences with examples, counts by reason, and provenance.
 */
@NullMarked
package dpo.data.source;

import org.jspecify.annotations.NullMarked;
