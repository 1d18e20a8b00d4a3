package dpo.data.audit;

import dpo.core.sequence.Label;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * The completions of an example, divided into chosen and rejected.
 *
 * @param chosen the best of several, or a single one labelled desirable
 * @param rejected all others
 * @param <T> kind of completion: text or tokens
 */
record Sides<T>(List<T> chosen, List<T> rejected) {

    static <T> Sides<T> of(Label label, List<T> completions) {
        int chosen = label.isFirstDesirable() ? 1 : 0;
        return new Sides<>(completions.subList(0, chosen), completions.subList(chosen, completions.size()));
    }

    /** Lengths of one side over all examples; empty if it has no completion. */
    static <T> Optional<Lengths> lengths(
            List<Sides<T>> all, Function<Sides<T>, List<T>> side, ToIntFunction<T> length) {
        int[] lengths = all.stream()
                .flatMap(each -> side.apply(each).stream())
                .mapToInt(length)
                .toArray();
        return lengths.length == 0 ? Optional.empty() : Optional.of(Lengths.of(IntStream.of(lengths)));
    }
}
