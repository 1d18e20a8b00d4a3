package dpo.train.online;

import dpo.core.logprob.TokenLogProbs;
import java.util.LinkedHashMap;
import java.util.Map;

/** Means over the updates of a step. */
final class PpoTotals {

    private int updates;
    private long tokens;
    private double policyLoss;
    private double valueLoss;
    private double clipped;
    private double approximateKl;
    private double norm;
    private double valueNorm;

    /** Begins an update. */
    void begin(long tokensOfUpdate) {
        updates++;
        tokens = tokensOfUpdate;
    }

    /** Adds the surrogate of a part of the update. */
    void policy(double loss, long clippedTokens, TokenLogProbs now, TokenLogProbs old) {
        policyLoss += loss;
        clipped += (double) clippedTokens / tokens;
        for (int i = 0; i < now.shape().tokens(); i++) {
            double ratio = now.at(i) - old.at(i);
            approximateKl += ratio * ratio / (2 * tokens);
        }
    }

    /** Adds the value loss of a part of the update. */
    void value(double loss) {
        valueLoss += loss;
    }

    /** Adds the gradient norms of the update. */
    void norms(double ofPolicy, double ofValue) {
        norm += ofPolicy;
        valueNorm += ofValue;
    }

    int updates() {
        return updates;
    }

    double policyLoss() {
        return policyLoss / updates;
    }

    double valueLoss() {
        return valueLoss / updates;
    }

    double norm() {
        return norm / updates;
    }

    /** By TRL's names. */
    Map<String, Double> metrics() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("policy/clipfrac_avg", clipped / updates);
        metrics.put("policy/approxkl_avg", approximateKl / updates);
        metrics.put("val/grad_norm", valueNorm / updates);
        return metrics;
    }
}
