package dpo.data.audit;

import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * One statement of an example: that one completion is better than another, or better or worse than the bar of labels.
 *
 * @param better the better completion; empty for the bar
 * @param worse the worse completion; empty for the bar
 */
record Claim(Text prompt, Optional<Text> better, Optional<Text> worse) {

    /** What an example says; of tied completions it says nothing. */
    static List<Claim> of(PreferenceExample example) {
        List<Text> completions = example.completions();
        List<Double> ratings = example.ratings();
        if (completions.size() == 1) {
            Claim desirable = new Claim(example.prompt(), Optional.of(completions.get(0)), Optional.empty());
            return List.of(example.judgement().isFirstDesirable() ? desirable : desirable.opposite());
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

    /** The statement that cannot hold together with this one. */
    Claim opposite() {
        return new Claim(prompt, worse, better);
    }

    /** The sign of how much longer the better completion is; nothing for a label. */
    IntStream lengthSign() {
        return better.isPresent() && worse.isPresent()
                ? IntStream.of(Integer.signum(better.get().length() - worse.get().length()))
                : IntStream.empty();
    }
}
