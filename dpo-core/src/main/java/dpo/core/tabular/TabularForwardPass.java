package dpo.core.tabular;

import dpo.core.backend.ForwardPass;
import dpo.core.backend.GradientChecks;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.logprob.TokenStatistic;
import dpo.core.numeric.LogSpace;
import dpo.core.world.MarkovPolicy;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** A forward pass that stores policy and reference, so that a later optimizer step does not change its gradient. */
final class TabularForwardPass implements ForwardPass {

    private static final Set<TokenStatistic> DIFFERENTIATED = Set.of(TokenStatistic.REFERENCE_KL);

    private final MarkovPolicy policy;
    private final Optional<MarkovPolicy> reference;
    private final int[] entries;
    private final int vocabulary;
    private final TokenLogProbs logProbs;
    private final Map<TokenStatistic, TokenLogProbs> statistics = new EnumMap<>(TokenStatistic.class);
    private final double[] gradient;
    private boolean used;

    /**
     * @param entries the table entry of each scored token, row after row
     * @param requested statistics to compute
     * @param gradient of the table's logits, to which {@link #backward} adds
     */
    TabularForwardPass(
            MarkovPolicy policy,
            Optional<MarkovPolicy> reference,
            TokenShape rows,
            int[] entries,
            Set<TokenStatistic> requested,
            double[] gradient) {
        this.policy = policy;
        this.reference = reference;
        this.entries = entries;
        this.vocabulary = policy.shape().vocabulary();
        this.gradient = gradient;
        this.logProbs = TokenLogProbs.of(
                rows, Arrays.stream(entries).mapToDouble(policy::logProb).toArray());
        requested.forEach(statistic -> statistics.put(
                statistic,
                TokenLogProbs.of(
                        rows,
                        Arrays.stream(entries)
                                .mapToDouble(entry -> statistic(statistic, entry))
                                .toArray())));
    }

    private double statistic(TokenStatistic statistic, int entry) {
        int first = entry - entry % vocabulary;
        IntStream ofState = IntStream.range(first, first + vocabulary);
        return switch (statistic) {
            case LOG_SUM_SQUARED_PROBS ->
                LogSpace.logSumExp(
                        ofState.mapToDouble(each -> 2 * policy.logProb(each)).toArray());
            case REFERENCE_KL ->
                ofState.mapToDouble(each -> divergence(reference.orElseThrow(), each))
                        .sum();
        };
    }

    /** {@code π_ref (log π_ref − log π)} at an entry; 0 if π_ref = 0. */
    private double divergence(MarkovPolicy from, int entry) {
        double ofReference = from.logProb(entry);
        double probability = Math.exp(ofReference);
        return probability == 0 ? 0 : probability * (ofReference - policy.logProb(entry));
    }

    @Override
    public TokenLogProbs logProbs() {
        return logProbs;
    }

    @Override
    public Map<TokenStatistic, TokenLogProbs> statistics() {
        return statistics;
    }

    @Override
    public void backward(TokenGradient outer) {
        backward(outer, Map.of());
    }

    /**
     * {@code ∂log π(a|s)/∂θ(s, b) = 1[a = b] − π(b|s)} and {@code ∂KL(s)/∂θ(s, b) = π(b|s) − π_ref(b|s)}. Slopes are
     * summed by state first, so that the row of a state is visited once.
     */
    @Override
    public void backward(TokenGradient outer, Map<TokenStatistic, TokenGradient> ofStatistics) {
        if (used) {
            throw new IllegalStateException("backward must be called at most once, got a second call");
        }
        GradientChecks.require(logProbs.shape(), outer, ofStatistics, DIFFERENTIATED);
        used = true;
        double[] ofToken = outer.toArray();
        for (int i = 0; i < entries.length; i++) {
            gradient[entries[i]] += ofToken[i];
        }
        addAlong(policy, summedByState(ofToken), -1);
        if (ofStatistics.containsKey(TokenStatistic.REFERENCE_KL)) {
            double[] ofState =
                    summedByState(ofStatistics.get(TokenStatistic.REFERENCE_KL).toArray());
            addAlong(policy, ofState, 1);
            addAlong(reference.orElseThrow(), ofState, -1);
        }
    }

    private double[] summedByState(double[] ofToken) {
        double[] ofState = new double[policy.shape().states()];
        for (int i = 0; i < entries.length; i++) {
            ofState[entries[i] / vocabulary] += ofToken[i];
        }
        return ofState;
    }

    /** Adds {@code sign · slope(s) · π(·|s)} at every state with a nonzero slope. */
    private void addAlong(MarkovPolicy distribution, double[] slopes, int sign) {
        for (int entry = 0; entry < gradient.length; entry++) {
            double slope = slopes[entry / vocabulary];
            if (slope != 0) {
                gradient[entry] += sign * slope * Math.exp(distribution.logProb(entry));
            }
        }
    }

    /** Nothing to free. */
    @Override
    public void close() {}
}
