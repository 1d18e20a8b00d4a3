package dpo.core.sequence;

/**
 * A tokenised preference: a chosen and a rejected continuation, and where the preference comes from.
 *
 * @param id name of the pair in its data set, for messages and per-pair records; unique there
 * @param chosen the preferred sequence y_w after its prompt x
 * @param rejected the other sequence y_l after the same prompt
 * @param group the preference source (an annotator, a data set) it belongs to; see group-weighted objectives
 * @param weight factor of this pair's loss, finite and at least 0; 1 where the data say nothing
 */
public record PreferencePair(String id, TokenSequence chosen, TokenSequence rejected, String group, double weight) {

    /** Group of the pairs of a data set that names no preference sources. */
    public static final String ONLY_GROUP = "all";

    public PreferencePair {
        if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "weight must be finite and at least 0, got " + weight + " (pair " + id + ")");
        }
    }

    /** A pair of the only group, with weight 1. */
    public static PreferencePair of(String id, TokenSequence chosen, TokenSequence rejected) {
        return new PreferencePair(id, chosen, rejected, ONLY_GROUP, 1.0);
    }
}
