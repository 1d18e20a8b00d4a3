package dpo.data.source;

/**
 * How a row becomes examples: what a format adds to the reading of a file.
 *
 * @param <E> kind of example
 */
@FunctionalInterface
public interface RowDecoder<E> {

    /**
     * Hands every entry of a row to {@code entries}, exactly once each. Called for the rows of one file in order.
     *
     * @throws dpo.data.example.BadRowException where the row cannot be decoded at all; it then counts as one entry
     */
    void decode(Row row, Entries<E> entries);
}
