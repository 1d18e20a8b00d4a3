package dpo.core.theory;

import dpo.core.numeric.LogSpace;
import dpo.core.sequence.Label;
import java.util.ArrayList;
import java.util.List;

/**
 * A judged pair of answers to one prompt, with its probability.
 *
 * @param chosen index of the chosen answer
 * @param rejected index of the rejected answer
 * @param probability probability of this pair with this label, or its number in a data set
 * @param group the preference source that judged it
 */
public record AnswerPair(int chosen, int rejected, double probability, String group) {

    /** A pair of the only preference source. */
    public AnswerPair(int chosen, int rejected, double probability) {
        this(chosen, rejected, probability, Label.ONLY_GROUP);
    }

    /** The same pair judged by a preference source that has a share of all pairs. */
    public AnswerPair of(String source, double share) {
        return new AnswerPair(chosen, rejected, probability * share, source);
    }

    /**
     * All judged pairs of two different answers, drawn independently and labelled by the Bradley–Terry model: answer
     * a is chosen over b with probability {@code 2 q_a q_b σ(r_a − r_b) / Σ_{c≠d} q_c q_d}.
     *
     * @param sampling q, probability of each answer
     * @param rewards r, reward of each answer
     */
    public static List<AnswerPair> bradleyTerry(double[] sampling, double[] rewards) {
        double total = 0;
        for (int a = 0; a < sampling.length; a++) {
            for (int b = 0; b < sampling.length; b++) {
                total += a == b ? 0 : sampling[a] * sampling[b];
            }
        }
        List<AnswerPair> pairs = new ArrayList<>();
        for (int a = 0; a < sampling.length; a++) {
            for (int b = 0; b < sampling.length; b++) {
                double drawn = 2 * sampling[a] * sampling[b] / total; // in either order
                if (a != b && drawn > 0) {
                    pairs.add(new AnswerPair(a, b, drawn * LogSpace.sigmoid(rewards[a] - rewards[b])));
                }
            }
        }
        return pairs;
    }
}
