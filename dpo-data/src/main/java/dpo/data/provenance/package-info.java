/**
 * The provenance of examples in Tribuo's types: file, checksum, counts, reader settings, convertible to JSON and back.
 */
@NullMarked
package dpo.data.provenance;

import org.jspecify.annotations.NullMarked;
