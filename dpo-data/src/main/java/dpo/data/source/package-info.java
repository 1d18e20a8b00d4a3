/**
 * What a source of examples is, and how rows of a file are read: selection by {@code skip} and {@code limit}, the
 * policy on bad rows, counts by reason, the checksum of the file. A format adds only the decoding of a row.
 */
@NullMarked
package dpo.data.source;

import org.jspecify.annotations.NullMarked;
