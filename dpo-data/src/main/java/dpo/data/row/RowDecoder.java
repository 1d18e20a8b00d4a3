package dpo.data.row;

/**
 * The decoding of a row to examples, which each format implements.
 *
 * @param <E> kind of example
 */
@FunctionalInterface
public interface RowDecoder<E> {

    /**
     * Adds every entry of a row to {@code entries} exactly once. Called for the rows of one file in order.
     *
     * @throws dpo.data.example.BadRowException if the row cannot be decoded at all; it then counts as one entry
     */
    void decode(Row row, Entries<E> entries);
}
