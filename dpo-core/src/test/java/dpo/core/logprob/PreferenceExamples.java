package dpo.core.logprob;

import dpo.core.random.RandomStreams;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Made-up log-probabilities for tests: unequal lengths, several turns and groups, weights other than 1. */
public final class PreferenceExamples {

    private static final List<String> GROUPS = List.of("a", "b", "c");

    private PreferenceExamples() {}

    /** Pairs with one to three turns a completion, one to five tokens a turn, of the groups a, b and c in turn. */
    public static PreferenceLogProbs random(int pairs, long seed) {
        RandomGenerator random = new RandomStreams(seed).stream("examples");
        TokenShape chosen = shape(pairs, random);
        TokenShape rejected = shape(pairs, random);
        List<String> groups = new ArrayList<>();
        List<Double> weights = new ArrayList<>();
        for (int pair = 0; pair < pairs; pair++) {
            groups.add(GROUPS.get(pair % GROUPS.size()));
            weights.add(0.25 + 2 * random.nextDouble());
        }
        return new PreferenceLogProbs(
                values(chosen, random), values(rejected, random), values(chosen, random), values(rejected, random),
                groups, weights);
    }

    /** The same with every weight 1 and the policy equal to its reference. */
    public static PreferenceLogProbs atInitialisation(int pairs, long seed) {
        PreferenceLogProbs some = random(pairs, seed);
        return new PreferenceLogProbs(
                some.referenceChosen(), some.referenceRejected(), some.referenceChosen(), some.referenceRejected(),
                some.groups(), some.groups().stream().map(group -> 1.0).toList());
    }

    /** The same pairs in another order: row i of the result is row {@code order[i]}. */
    public static PreferenceLogProbs reordered(PreferenceLogProbs all, int... order) {
        return new PreferenceLogProbs(
                reordered(all.policyChosen(), order), reordered(all.policyRejected(), order),
                reordered(all.referenceChosen(), order), reordered(all.referenceRejected(), order),
                Arrays.stream(order).mapToObj(all.groups()::get).toList(),
                Arrays.stream(order).mapToObj(all.weights()::get).toList());
    }

    private static TokenLogProbs reordered(TokenLogProbs rows, int... order) {
        TokenShape shape = TokenShape.ofTurns(
                Arrays.stream(order).mapToObj(row -> rows.shape().turnLengths()[row]).toArray(int[][]::new));
        return TokenLogProbs.of(
                shape, Arrays.stream(order).mapToObj(rows::row).flatMapToDouble(Arrays::stream).toArray());
    }

    private static TokenShape shape(int rows, RandomGenerator random) {
        int[][] turns = new int[rows][];
        Arrays.setAll(turns, row -> random.ints(1 + random.nextInt(3), 1, 6).toArray());
        return TokenShape.ofTurns(turns);
    }

    private static TokenLogProbs values(TokenShape shape, RandomGenerator random) {
        return TokenLogProbs.of(
                shape, random.doubles(shape.tokens(), -4, -0.01).toArray());
    }
}
