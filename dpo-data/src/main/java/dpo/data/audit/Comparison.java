package dpo.data.audit;

import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * One comparison of an example: one completion is better than another. A label compares its completion with the
 * threshold between desirable and undesirable.
 *
 * @param better the better completion; empty for the threshold
 * @param worse the worse completion; empty for the threshold
 */
record Comparison(Text prompt, Optional<Text> better, Optional<Text> worse) {

    /** The comparisons of an example; tied completions have none. */
    static List<Comparison> of(PreferenceExample example) {
        List<Text> completions = example.completions();
        List<Double> ratings = example.ratings();
        if (completions.size() == 1) {
            Comparison desirable = new Comparison(example.prompt(), Optional.of(completions.get(0)), Optional.empty());
            return List.of(example.label().isFirstDesirable() ? desirable : desirable.opposite());
        }
        List<Comparison> compared = new ArrayList<>();
        for (int i = 0; i < completions.size(); i++) {
            for (int j = i + 1; j < completions.size(); j++) {
                if (ratings.isEmpty() || ratings.get(i) > ratings.get(j)) {
                    compared.add(new Comparison(
                            example.prompt(), Optional.of(completions.get(i)), Optional.of(completions.get(j))));
                }
            }
        }
        return compared;
    }

    /** The contradicting comparison. */
    Comparison opposite() {
        return new Comparison(prompt, worse, better);
    }

    /** The sign of the difference of lengths, better minus worse; empty for a label. */
    IntStream lengthSign() {
        return better.isPresent() && worse.isPresent()
                ? IntStream.of(
                        Integer.signum(better.get().length() - worse.get().length()))
                : IntStream.empty();
    }
}
