package dpo.core.theory;

import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.core.world.MarkovShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A linear class of rewards over the completions of a controlled world, {@code r_w(x, y) = w·φ(x, y)}, where φ counts the
 * transitions of a completion.
 */
public final class TransitionFeatures {

    private static final int NONE = -1;

    private final MarkovShape shape;
    private final int[] ofEntry;
    private final int count;

    private TransitionFeatures(MarkovShape shape, int[] ofEntry) {
        this.shape = shape;
        this.ofEntry = ofEntry;
        this.count = Arrays.stream(ofEntry).max().orElse(NONE) + 1;
    }

    /**
     * A reward for every token at every state, END included, with which every reward table is a w. Pairs do not determine
     * w; a ridge or a box does.
     */
    public static TransitionFeatures ofEntries(MarkovShape shape) {
        return new TransitionFeatures(shape, IntStream.range(0, shape.entries()).toArray());
    }

    /**
     * A reward for every token at every state: the class of all Markov policies, since {@code π ∝ π_ref exp(r/β)} maps
     * one class onto the other for every β.
     *
     * <p>Rewards {@code Φ(s) − Φ(s')} of all transitions s → s' add up to a constant per prompt, so one token per state,
     * END, has reward 0 and pairs determine w: {@code states · (vocabulary − 1)} features.
     */
    public static TransitionFeatures ofPositions(MarkovShape shape) {
        int[] ofEntry = new int[shape.entries()];
        int count = 0;
        for (int entry = 0; entry < ofEntry.length; entry++) {
            ofEntry[entry] = entry % shape.vocabulary() == MarkovShape.END ? NONE : count++;
        }
        return new TransitionFeatures(shape, ofEntry);
    }

    /**
     * A reward for every token after a prompt, and for every token after another token, the same at every position: the
     * class of the rewards of {@link dpo.core.world.ControlledWorld#random}.
     *
     * <p>A constant per prompt cannot be seen, so END after a prompt has reward 0: {@code prompts · (vocabulary − 1) +
     * (vocabulary − 1) · vocabulary} features, without the latter if completions have one token.
     */
    public static TransitionFeatures ofTokens(MarkovShape shape) {
        int[] ofEntry = new int[shape.entries()];
        int promptEntries = shape.prompts() * shape.vocabulary();
        int positionEntries = (shape.vocabulary() - 1) * shape.vocabulary();
        int count = 0;
        for (int entry = 0; entry < ofEntry.length; entry++) {
            if (entry < promptEntries) {
                ofEntry[entry] = entry % shape.vocabulary() == MarkovShape.END ? NONE : count++;
            } else {
                ofEntry[entry] = entry < promptEntries + positionEntries ? count++ : ofEntry[entry - positionEntries];
            }
        }
        return new TransitionFeatures(shape, ofEntry);
    }

    /** States and layout of the world's tables. */
    public MarkovShape shape() {
        return shape;
    }

    /** Number of features. */
    public int count() {
        return count;
    }

    /** The feature of an entry of the world's tables; -1 if it has none. */
    int of(int entry) {
        return ofEntry[entry];
    }

    /**
     * The reward of each entry of the world's tables, as {@link dpo.core.world.ControlledWorld} takes them.
     *
     * @param weights w, one per feature
     */
    public double[] rewards(double[] weights) {
        double[] rewards = new double[shape.entries()];
        Arrays.setAll(rewards, entry -> ofEntry[entry] == NONE ? 0 : weights[ofEntry[entry]]);
        return rewards;
    }

    /** {@code D_j = φ(x, y_w) − φ(x, y_l)} of judged pairs, {@code [pair][feature]}. */
    public SparseRows differences(List<Preference> pairs) {
        List<TreeMap<Integer, Double>> rows = new ArrayList<>(pairs.size());
        for (Preference pair : pairs) {
            TreeMap<Integer, Double> row = new TreeMap<>();
            visited(pair.chosen()).forEach(feature -> row.merge(feature, 1.0, Double::sum));
            visited(pair.rejected()).forEach(feature -> row.merge(feature, -1.0, Double::sum));
            rows.add(row);
        }
        return SparseRows.of(count, rows);
    }

    private IntStream visited(TokenSequence sequence) {
        return shape.entries(sequence).map(entry -> ofEntry[entry]).filter(feature -> feature != NONE);
    }
}
