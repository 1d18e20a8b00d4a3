package dpo.harness.store;

import java.util.List;
import java.util.Optional;

/**
 * Values per completion in the form of JSON: {@code {"chosen": …, "rejected": …}} for the two sides of a pair, the
 * preferred one first, and {@code {"completions": […]}} for any other number.
 *
 * @param chosen value of the preferred side of a pair
 * @param rejected value of the other side
 * @param completions values of any other number of completions
 * @param <T> a value
 */
public record PerCompletion<T>(Optional<T> chosen, Optional<T> rejected, Optional<List<T>> completions) {

    /** Values in the order of the completions. */
    public static <T> PerCompletion<T> of(List<T> values) {
        return values.size() == 2
                ? new PerCompletion<>(Optional.of(values.get(0)), Optional.of(values.get(1)), Optional.empty())
                : new PerCompletion<>(Optional.empty(), Optional.empty(), Optional.of(values));
    }
}
