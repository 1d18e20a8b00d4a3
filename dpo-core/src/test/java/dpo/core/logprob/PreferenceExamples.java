package dpo.core.logprob;

import dpo.core.random.RandomStreams;
import dpo.core.sequence.Label;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Synthetic log-probabilities for tests: unequal lengths, several turns and groups, weights other than 1, ratings,
 * token statistics and mismatched log-ratios, for the requirements of every objective.
 */
public final class PreferenceExamples {

    private static final List<String> GROUPS = List.of("a", "b", "c");

    private PreferenceExamples() {}

    /**
     * Pairs with one to three turns per completion and one to five tokens per turn, with the groups a, b and c
     * alternating.
     */
    public static PreferenceLogProbs random(int pairs, long seed) {
        return random(seed, Stream.generate(() -> 2).limit(pairs).toList());
    }

    /**
     * Like {@link #random(int, long)}, for lists with the given numbers of completions; single completions have
     * alternating labels.
     */
    public static PreferenceLogProbs random(long seed, List<Integer> completions) {
        RandomGenerator random = new RandomStreams(seed).stream("examples");
        List<Label> labels = new ArrayList<>();
        for (int number : completions) {
            String group = GROUPS.get(labels.size() % GROUPS.size());
            List<Double> ratings = number == 1
                    ? List.of(labels.size() % 3 == 0 ? 0.0 : 1.0)
                    : random.doubles(number, 0, 5)
                            .boxed()
                            .sorted(Comparator.reverseOrder())
                            .toList();
            labels.add(new Label(number, ratings, group, 0.25 + 2 * random.nextDouble()));
        }
        Labels all = Labels.of(labels);
        TokenShape shape = shape(all.rows(), random);
        return new PreferenceLogProbs(
                values(shape, random),
                values(shape, random),
                all,
                Map.of(
                        TokenStatistic.LOG_SUM_SQUARED_PROBS, values(shape, random),
                        TokenStatistic.REFERENCE_KL, divergences(shape, seed)),
                random.doubles(all.rows(), -0.5, 1).boxed().toList());
    }

    /** Pairs of the default group, with weight 1 and no ratings, from the rows of each side. */
    public static PreferenceLogProbs ofPairs(
            TokenLogProbs policyChosen,
            TokenLogProbs policyRejected,
            TokenLogProbs referenceChosen,
            TokenLogProbs referenceRejected) {
        return new PreferenceLogProbs(
                interleaved(policyChosen, policyRejected),
                interleaved(referenceChosen, referenceRejected),
                Labels.of(Collections.nCopies(policyChosen.rows(), Label.ordered(2))));
    }

    private static TokenLogProbs interleaved(TokenLogProbs chosen, TokenLogProbs rejected) {
        return TokenLogProbs.joined(IntStream.range(0, chosen.rows())
                .boxed()
                .flatMap(row -> Stream.of(chosen.rows(row, row + 1), rejected.rows(row, row + 1)))
                .toList());
    }

    /** The same with every weight 1 and the policy equal to its reference, in all distributions and on all prompts. */
    public static PreferenceLogProbs atInitialisation(PreferenceLogProbs some) {
        double[] ones = new double[some.size()];
        Arrays.fill(ones, 1);
        TokenShape shape = some.policy().shape();
        Map<TokenStatistic, TokenLogProbs> statistics = new EnumMap<>(some.statistics());
        statistics.put(TokenStatistic.REFERENCE_KL, TokenLogProbs.of(shape, new double[shape.tokens()]));
        return new PreferenceLogProbs(
                        some.reference(),
                        some.reference(),
                        some.labels(),
                        statistics,
                        Collections.nCopies(shape.rows(), 0.0))
                .withWeights(ones);
    }

    /** The same preferences in another order: preference i of the result is preference {@code order[i]}. */
    public static PreferenceLogProbs reordered(PreferenceLogProbs all, int... order) {
        return PreferenceLogProbs.joined(
                Arrays.stream(order).mapToObj(i -> all.slice(i, i + 1)).toList());
    }

    /** The same preferences with other log-probabilities of the policy. */
    public static PreferenceLogProbs withPolicy(PreferenceLogProbs all, double[] values) {
        return new PreferenceLogProbs(
                TokenLogProbs.of(all.policy().shape(), values),
                all.reference(),
                all.labels(),
                all.statistics(),
                all.mismatched());
    }

    /** The same preferences with other values of a statistic. */
    public static PreferenceLogProbs withStatistic(PreferenceLogProbs all, TokenStatistic statistic, double[] values) {
        Map<TokenStatistic, TokenLogProbs> statistics = new EnumMap<>(all.statistics());
        statistics.put(statistic, TokenLogProbs.of(all.policy().shape(), values));
        return new PreferenceLogProbs(all.policy(), all.reference(), all.labels(), statistics, all.mismatched());
    }

    private static TokenShape shape(int rows, RandomGenerator random) {
        int[][] turns = new int[rows][];
        Arrays.setAll(turns, row -> random.ints(1 + random.nextInt(3), 1, 6).toArray());
        return TokenShape.ofTurns(turns);
    }

    private static TokenLogProbs values(TokenShape shape, RandomGenerator random) {
        return TokenLogProbs.of(shape, random.doubles(shape.tokens(), -4, -0.01).toArray());
    }

    private static TokenLogProbs divergences(TokenShape shape, long seed) {
        RandomGenerator random = new RandomStreams(seed).stream("divergences");
        return TokenLogProbs.of(shape, random.doubles(shape.tokens(), 0, 0.5).toArray());
    }
}
