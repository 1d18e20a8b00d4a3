package dpo.data.row;

import java.util.function.Supplier;

/**
 * The receiver of the entries of a row.
 *
 * @param <E> kind of example
 */
public interface Entries<E> {

    /**
     * Adds an example. Where {@code maker} throws {@link dpo.data.example.BadRowException}, the policy on bad rows
     * applies.
     */
    void example(Supplier<E> maker);

    /** Counts an entry that the format drops by definition, for any policy on bad rows. */
    void drop(String reason);
}
