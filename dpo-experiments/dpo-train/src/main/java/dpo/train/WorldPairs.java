package dpo.train;

import dpo.core.backend.Policy;
import dpo.core.backend.RewardFunction;
import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.PreferenceLoss;
import dpo.core.numeric.LogSpace;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Pairs of completions of the reference of a controlled world, the same for all runs there, on which policies are judged
 * by the probability of each label, {@code P = σ(r*(y_1) − r*(y_2))}, in place of drawn labels.
 */
final class WorldPairs {

    private static final int PAIRS = 20_000;

    /** The names of {@link #metrics}, in their order. */
    static final List<String> METRICS =
            List.of("world/accuracy", "world/log_loss", "world/bayes_accuracy", "world/bayes_log_loss");

    private final List<TokenSequence> sequences;
    private final Labels labels;
    /** P of each pair, and 1 − P. */
    private final double[] firstPreferred;

    private final double[] secondPreferred;
    private final TokenLogProbs reference;
    private final double bayesAccuracy;
    private final double bayesLogLoss;

    private WorldPairs(List<Preference> preferences, RewardFunction reward, References references) {
        PreferenceBatch pairs = new PreferenceBatch(preferences);
        this.sequences = pairs.sequences();
        this.labels = Labels.of(pairs.labels());
        double[] trueMargins = margins(reward.rewards(sequences));
        this.firstPreferred = Arrays.stream(trueMargins).map(LogSpace::sigmoid).toArray();
        this.secondPreferred = Arrays.stream(trueMargins)
                .map(margin -> LogSpace.sigmoid(-margin))
                .toArray();
        this.reference = references
                .of(preferences)
                .of(pairs, IntStream.range(0, PAIRS).boxed().toList());
        this.bayesAccuracy = accuracy(trueMargins);
        this.bayesLogLoss = logLoss(trueMargins);
    }

    /** Whether the rewards of an objective need log-probabilities only. */
    static boolean judges(PreferenceLoss loss) {
        return loss.needs().stream().noneMatch(need -> need.statistic().isPresent());
    }

    /**
     * The pairs of a policy's world.
     *
     * @param references gives log-probabilities of the reference
     * @return empty without a world, and for an objective whose rewards need more than log-probabilities
     */
    static Optional<WorldPairs> of(Policy policy, PreferenceLoss loss, References references) {
        if (!judges(loss)) {
            return Optional.empty();
        }
        References used = loss.usesReference() ? references : some -> ReferenceLogProbs.NONE;
        return policy.worldPairs().flatMap(sampler -> policy.trueReward()
                .map(reward -> new WorldPairs(
                        sampler.samplePairs(PAIRS, new RandomStreams(0).stream("pairs/world")), reward, used)));
    }

    /**
     * Means over the pairs, where m is the difference of implicit rewards:
     *
     * <ul>
     *   <li>{@code world/accuracy}: P if m &gt; 0, 1 − P if m &lt; 0, ½ if m = 0;
     *   <li>{@code world/log_loss}: −P log σ(m) − (1 − P) log σ(−m), nats;
     *   <li>{@code world/bayes_…}: both at the true m, which no policy surpasses.
     * </ul>
     */
    Map<String, Double> metrics(Policy policy, PreferenceLoss loss) {
        double[] margins = margins(loss.rewards(new PreferenceLogProbs(policy.logProbs(sequences), reference, labels)));
        List<Double> values = List.of(accuracy(margins), logLoss(margins), bayesAccuracy, bayesLogLoss);
        Map<String, Double> metrics = new LinkedHashMap<>();
        METRICS.forEach(name -> metrics.put(name, values.get(metrics.size())));
        return metrics;
    }

    private static double[] margins(double[] rewards) {
        return IntStream.range(0, rewards.length / 2)
                .mapToDouble(pair -> rewards[2 * pair] - rewards[2 * pair + 1])
                .toArray();
    }

    private double accuracy(double[] margins) {
        return IntStream.range(0, PAIRS)
                .mapToDouble(pair ->
                        margins[pair] == 0 ? 0.5 : margins[pair] > 0 ? firstPreferred[pair] : secondPreferred[pair])
                .average()
                .orElseThrow();
    }

    private double logLoss(double[] margins) {
        return IntStream.range(0, PAIRS)
                .mapToDouble(pair -> -firstPreferred[pair] * LogSpace.logSigmoid(margins[pair])
                        - secondPreferred[pair] * LogSpace.logSigmoid(-margins[pair]))
                .average()
                .orElseThrow();
    }
}
