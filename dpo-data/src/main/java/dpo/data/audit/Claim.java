package dpo.data.audit;

import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * One comparison of an example: one completion is better than another, or, for a label, than the threshold of labels,
 * or worse than that.
 *
 * @param better the better completion; empty for the threshold
 * @param worse the worse completion; empty for the threshold
 */
record Claim(Text prompt, Optional<Text> better, Optional<Text> worse) {

    /** The comparisons of an example; tied completions have none. */
    static List<Claim> of(PreferenceExample example) {
        List<Text> completions = example.completions();
        List<Double> ratings = example.ratings();
        if (completions.size() == 1) {
            Claim desirable = new Claim(example.prompt(), Optional.of(completions.get(0)), Optional.empty());
            return List.of(example.label().isFirstDesirable() ? desirable : desirable.opposite());
        }
        List<Claim> claims = new ArrayList<>();
        for (int i = 0; i < completions.size(); i++) {
            for (int j = i + 1; j < completions.size(); j++) {
                if (ratings.isEmpty() || ratings.get(i) > ratings.get(j)) {
                    claims.add(new Claim(
                            example.prompt(), Optional.of(completions.get(i)), Optional.of(completions.get(j))));
                }
            }
        }
        return claims;
    }

    /** The contradicting comparison. */
    Claim opposite() {
        return new Claim(prompt, worse, better);
    }

    /** The sign of the difference of lengths, better minus worse; empty for a label. */
    IntStream lengthSign() {
        return better.isPresent() && worse.isPresent()
                ? IntStream.of(
                        Integer.signum(better.get().length() - worse.get().length()))
                : IntStream.empty();
    }
}
