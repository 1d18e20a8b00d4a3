/**
 * The rows of a data file: JSON Lines or a JSON array, plain or gzip. A format gives {@link dpo.data.row.Rows} a {@link
 * dpo.data.row.RowDecoder}; selection, the policy on bad rows, counts and the checksum are done here.
 */
@NullMarked
package dpo.data.row;

import org.jspecify.annotations.NullMarked;
