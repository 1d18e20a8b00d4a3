/**
 * Where examples come from, in Tribuo's provenance types: file, checksum, counts, reader settings; to JSON and back.
 */
@NullMarked
package dpo.data.provenance;

import org.jspecify.annotations.NullMarked;
