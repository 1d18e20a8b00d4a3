package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.sequence.Label;

/** Scores {@code c = f(s)/L^(0 or 1)} of the completions of pairs, and the chain rule back to their tokens. */
final class Scores {

    private final Reduction reduction;
    private final Baseline baseline;
    private final Divergence divergence;
    private final PreferenceLogProbs logProbs;
    private final double[] sums;
    private final double[] tokenSlopes;

    Scores(PairwiseLoss loss, PreferenceLogProbs logProbs) {
        this.reduction = loss.reduction();
        this.baseline = loss.baseline();
        this.divergence = loss.divergence();
        this.logProbs = logProbs;
        this.sums = new double[logProbs.policy().rows()];
        this.tokenSlopes = new double[sums.length];
    }

    PairwiseLoss.Pair pair(int j, Label label) {
        int row = logProbs.first(j);
        double gap = label.ratings().isEmpty()
                ? Double.NaN
                : label.ratings().get(0) - label.ratings().get(1);
        return new PairwiseLoss.Pair(score(row), score(row + 1), tokens(row), tokens(row + 1), gap);
    }

    /** Back-propagates the derivatives of a pair's loss with respect to its two scores. */
    void back(int j, double chosenSlope, double rejectedSlope) {
        int row = logProbs.first(j);
        tokenSlopes[row] = chosenSlope * factor(row);
        tokenSlopes[row + 1] = rejectedSlope * factor(row + 1);
    }

    TokenGradient gradient() {
        return TokenGradient.ofRowSums(logProbs.policy().shape(), tokenSlopes);
    }

    double score(int row) {
        sums[row] = baseline.compare(logProbs, row);
        return reduction.tokenFactor(tokens(row)) * divergence.score(sums[row]);
    }

    private double factor(int row) {
        return reduction.tokenFactor(tokens(row)) * divergence.slope(sums[row]);
    }

    int tokens(int row) {
        return logProbs.policy().tokens(row);
    }
}
