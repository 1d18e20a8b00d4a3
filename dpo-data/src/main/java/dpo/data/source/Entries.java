package dpo.data.source;

import java.util.function.Supplier;

/**
 * Takes the entries of a row.
 *
 * @param <E> kind of example
 */
public interface Entries<E> {

    /**
     * An entry that should be an example. Where {@code maker} throws {@link dpo.data.example.BadRowException}, the
     * policy on bad rows decides.
     */
    void example(Supplier<E> maker);

    /** An entry which the format itself leaves out, whatever the policy on bad rows; counted under the reason. */
    void drop(String reason);
}
