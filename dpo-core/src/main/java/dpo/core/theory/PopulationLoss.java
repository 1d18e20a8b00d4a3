package dpo.core.theory;

import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.numeric.LogSpace;
import dpo.core.sequence.Label;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The expected value of an objective over a distribution of judged pairs of answers to one prompt, as a function of the
 * policy's logits θ: {@code L(θ) = Σ_j p_j ℓ_j}, {@code π = softmax(θ)}.
 *
 * <p>The first token of an answer determines it: it has the log-probability of the answer, and further tokens have 0.
 * The share of a preference source is its share of the probability of all pairs.
 */
public final class PopulationLoss implements SmoothFunction {

    private final PreferenceLoss loss;
    private final double[] logReference;
    private final List<AnswerPair> pairs;
    private final int[] lengths;
    private final Labels labels;
    private final Map<String, Double> shares;

    /** The loss over some pairs of answers of one token each. */
    public PopulationLoss(PreferenceLoss loss, double[] reference, List<AnswerPair> pairs) {
        this(
                loss,
                reference,
                pairs,
                IntStream.generate(() -> 1).limit(reference.length).toArray());
    }

    /**
     * The loss over some pairs.
     *
     * @param loss an objective on pairs
     * @param reference π_ref, positive probabilities of the answers
     * @param pairs judged pairs; their probabilities are divided by their sum
     * @param lengths number of tokens of each answer, at least 1
     */
    public PopulationLoss(PreferenceLoss loss, double[] reference, List<AnswerPair> pairs, int[] lengths) {
        this.loss = loss;
        this.logReference = logs(reference);
        this.pairs = pairs.stream().filter(pair -> pair.probability() > 0).toList();
        this.lengths = lengths.clone();
        double total = this.pairs.stream().mapToDouble(AnswerPair::probability).sum();
        List<Label> weighted = new ArrayList<>();
        Map<String, Double> ofGroup = new TreeMap<>();
        for (AnswerPair pair : this.pairs) {
            double share = pair.probability() / total;
            weighted.add(new Label(2, List.of(), pair.group(), share * this.pairs.size()));
            ofGroup.merge(pair.group(), share, Double::sum);
        }
        this.labels = Labels.of(weighted);
        this.shares = ofGroup;
    }

    private static double[] logs(double[] probabilities) {
        double[] logs = new double[probabilities.length];
        for (int i = 0; i < logs.length; i++) {
            logs[i] = Math.log(probabilities[i]);
        }
        return logs;
    }

    @Override
    public At at(double[] logits) {
        double[] logPolicy = logits.clone();
        double logSum = LogSpace.logSumExp(logits);
        for (int i = 0; i < logPolicy.length; i++) {
            logPolicy[i] -= logSum;
        }
        PreferenceLogProbs logProbs = new PreferenceLogProbs(rows(logPolicy), rows(logReference), labels);
        LossEvaluation evaluation = loss.evaluate(logProbs, normalizer(logProbs));
        return new At(evaluation.value(), gradient(logPolicy, evaluation));
    }

    private Normalizer normalizer(PreferenceLogProbs logProbs) {
        Normalizer counts = Normalizer.of(logProbs);
        return new Normalizer(counts.preferences(), counts.completions(), counts.chosenTokens(), shares, Map.of());
    }

    /** ∂L/∂θ_a = Σ_rows g_row (1[row is a] − π_a). */
    private double[] gradient(double[] logPolicy, LossEvaluation evaluation) {
        double[] gradient = new double[logPolicy.length];
        double sum = 0;
        for (int j = 0; j < pairs.size(); j++) {
            double ofChosen = evaluation.gradient().row(2 * j)[0];
            double ofRejected = evaluation.gradient().row(2 * j + 1)[0];
            gradient[pairs.get(j).chosen()] += ofChosen;
            gradient[pairs.get(j).rejected()] += ofRejected;
            sum += ofChosen + ofRejected;
        }
        for (int a = 0; a < gradient.length; a++) {
            gradient[a] -= sum * Math.exp(logPolicy[a]);
        }
        return gradient;
    }

    private TokenLogProbs rows(double[] logs) {
        double[][] rows = new double[2 * pairs.size()][];
        for (int j = 0; j < pairs.size(); j++) {
            rows[2 * j] = row(logs, pairs.get(j).chosen());
            rows[2 * j + 1] = row(logs, pairs.get(j).rejected());
        }
        return TokenLogProbs.ofRows(rows);
    }

    private double[] row(double[] logs, int answer) {
        double[] tokens = new double[lengths[answer]];
        tokens[0] = logs[answer];
        return tokens;
    }

    /** The minimiser by Newton's method, from the reference. */
    public Newton.Minimum minimum() {
        return Newton.minimise(this, logReference, 500);
    }

    /** The policy {@code softmax(θ)}. */
    public static double[] policy(double[] logits) {
        double logSum = LogSpace.logSumExp(logits);
        double[] policy = new double[logits.length];
        for (int i = 0; i < policy.length; i++) {
            policy[i] = Math.exp(logits[i] - logSum);
        }
        return policy;
    }
}
