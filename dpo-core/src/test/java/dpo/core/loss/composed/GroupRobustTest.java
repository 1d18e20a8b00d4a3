package dpo.core.loss.composed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.loss.Rows;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.loss.referencefree.SlicHfLoss;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.Label;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Weights and values of group-robust optimisation under sampling of steps, over many steps, and in evaluations. */
class GroupRobustTest {

    private static final SigmoidLoss SIGMOID = new SigmoidLoss(0.5, 0);
    private static final PreferenceLogProbs DATA = Rows.ofLogRatios(
            List.of(pair("a", 1), pair("b", 2), pair("a", 1), pair("a", 0.5), pair("b", 1)),
            1,
            -0.5,
            -2,
            1,
            0.5,
            3,
            -1,
            -4,
            0,
            2);
    private static final Map<String, Double> BEFORE = Map.of("group/a", 0.7, "group/b", 0.3);

    @Test
    void log_weights_move_on_average_over_batches_as_on_the_whole_data_at_any_batch_size() {
        GroupRobust robust = new GroupRobust(SIGMOID, 0.3);
        double whole = logOdds(robust.evaluate(DATA, Normalizer.of(DATA).carrying(BEFORE)));
        for (int size = 1; size <= 4; size++) {
            double mean = batches(size).stream()
                    .mapToDouble(batch -> logOdds(robust.evaluate(batch, step(batch, BEFORE))))
                    .average()
                    .orElseThrow();
            assertThat(mean).as("batches of " + size).isCloseTo(whole, within(1e-12));
        }
    }

    @Test
    void value_and_gradient_are_on_average_those_of_the_whole_data_if_the_weights_hardly_change() {
        GroupRobust robust = new GroupRobust(SIGMOID, 1e-13);
        LossEvaluation whole = robust.evaluate(DATA, Normalizer.of(DATA).carrying(BEFORE));
        for (int size = 1; size <= 4; size++) {
            List<int[]> draws = draws(size);
            double value = 0;
            double[] gradient = new double[2 * DATA.size()];
            for (int[] draw : draws) {
                PreferenceLogProbs batch = batch(draw);
                LossEvaluation part = robust.evaluate(batch, step(batch, BEFORE));
                value += part.value() / draws.size();
                for (int i = 0; i < draw.length; i++) {
                    gradient[2 * draw[i]] += part.gradient().toArray()[2 * i] / draws.size();
                    gradient[2 * draw[i] + 1] += part.gradient().toArray()[2 * i + 1] / draws.size();
                }
            }
            assertThat(value).isCloseTo(whole.value(), within(1e-9));
            assertThat(gradient).containsExactly(whole.gradient().toArray(), within(1e-9));
        }
    }

    @Test
    void groups_of_equal_loss_keep_equal_weights_even_if_one_is_rare() {
        double sum = 0;
        for (int seed = 0; seed < 40; seed++) {
            var random = new RandomStreams(seed).stream("batches");
            Map<String, Double> carried = Map.of();
            for (int step = 0; step < 2000; step++) {
                int rare = (int) random.doubles(8).filter(u -> u < 0.05).count();
                carried = equalLosses(rare, 8 - rare, carried);
            }
            double logOdds = Math.log(carried.get("group/rare") / carried.get("group/common"));
            // Its standard deviation is 0.01 · log 2 · 1.622 · √2000 = 0.503.
            assertThat(logOdds).isBetween(-4 * 0.503, 4 * 0.503);
            sum += logOdds;
        }
        assertThat(sum / 40).isBetween(-3 * 0.503 / Math.sqrt(40), 3 * 0.503 / Math.sqrt(40));
    }

    @Test
    void groups_of_equal_loss_have_equal_weights_after_every_epoch() {
        List<String> epoch = new ArrayList<>(Collections.nCopies(152, "common"));
        epoch.addAll(Collections.nCopies(8, "rare"));
        Map<String, Double> carried = Map.of();
        for (int number = 0; number < 20; number++) {
            Collections.shuffle(epoch, new Random(number));
            for (int start = 0; start < epoch.size(); start += 8) {
                int rare = Collections.frequency(epoch.subList(start, start + 8), "rare");
                carried = equalLosses(rare, 8 - rare, carried);
            }
            assertThat(carried.get("group/rare")).isCloseTo(0.5, within(1e-12));
        }
    }

    private static Map<String, Double> equalLosses(int rare, int common, Map<String, Double> carried) {
        List<Label> labels = new ArrayList<>(Collections.nCopies(rare, pair("rare", 1)));
        labels.addAll(Collections.nCopies(common, pair("common", 1)));
        PreferenceLogProbs step = Rows.ofLogRatios(labels, new double[2 * labels.size()]);
        Map<String, Double> shares = Map.of("rare", 0.05, "common", 0.95);
        return new GroupRobust(SIGMOID, 0.01)
                .evaluate(step, new Normalizer(step.size(), 2L * step.size(), step.size(), shares, carried))
                .carried();
    }

    @Test
    void an_evaluation_uses_the_training_weights_of_the_groups_in_both_sets() {
        GroupRobust robust = new GroupRobust(SIGMOID, 0.3);
        LossEvaluation evaluation = robust.evaluate(DATA, evaluated(DATA, BEFORE));
        assertThat(evaluation.carried()).isEqualTo(BEFORE);
        assertThat(evaluation.value())
                .isCloseTo(
                        0.7 * evaluation.terms().get("group/a")
                                + 0.3 * evaluation.terms().get("group/b"),
                        within(1e-15));
        Map<String, Double> others = Map.of("group/a", 0.2, "group/c", 0.8);
        assertThat(robust.evaluate(DATA, evaluated(DATA, others)).value())
                .isEqualTo(evaluation.terms().get("group/a"));
        assertThat(robust.evaluate(DATA, evaluated(DATA, Map.of("group/c", 1.0)))
                        .value())
                .isNaN();
        assertThat(robust.evaluate(DATA, evaluated(DATA, Map.of())).carried())
                .as("before training")
                .isEqualTo(Map.of("group/a", 0.5, "group/b", 0.5));
    }

    @Test
    void a_group_recovers_from_the_smallest_weight_and_no_weight_vanishes_in_an_extreme_step() {
        GroupRobust robust = new GroupRobust(new SlicHfLoss(0, 0), 1);
        PreferenceLogProbs hardForA = Rows.ofLogRatios(List.of(pair("a", 1), pair("b", 1)), 0, 1e5, 0, 0);
        PreferenceLogProbs hardForB = Rows.ofLogRatios(List.of(pair("a", 1), pair("b", 1)), 0, 0, 0, 1e5);
        Map<String, Double> first = Rows.evaluate(robust, hardForA).carried();
        assertThat(first.get("group/a")).isEqualTo(1);
        assertThat(first.get("group/b")).isBetween(1e-300, 2e-300);
        for (Map<String, Double> before : List.of(first, Map.of("group/a", 1.0, "group/b", 0.0))) {
            Normalizer normalizer = Normalizer.of(hardForB);
            Map<String, Double> second =
                    robust.evaluate(hardForB, normalizer.carrying(before)).carried();
            LossEvaluation third = robust.evaluate(hardForB, normalizer.carrying(second));
            assertThat(third.carried().get("group/b")).isEqualTo(1);
            assertThat(third.value()).isEqualTo(1e5);
        }
    }

    @Test
    void a_group_that_the_data_set_does_not_have_is_refused_by_name() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GroupRobust(SIGMOID, 0.1)
                        .evaluate(DATA, new Normalizer(5, 10, 5, Map.of("a", 1.0), Map.of())))
                .withMessage("group must have a share of the data set, got b (known: [a])");
    }

    private static Label pair(String group, double weight) {
        return new Label(2, List.of(), group, weight);
    }

    private static double logOdds(LossEvaluation evaluation) {
        return Math.log(
                evaluation.carried().get("group/b") / evaluation.carried().get("group/a"));
    }

    /** The normalizer of a batch of the data. */
    private static Normalizer step(PreferenceLogProbs batch, Map<String, Double> carried) {
        Map<String, Double> shares = Normalizer.of(DATA).groupShares();
        return new Normalizer(batch.size(), 2L * batch.size(), batch.size(), shares, carried);
    }

    private static Normalizer evaluated(PreferenceLogProbs data, Map<String, Double> carried) {
        return Normalizer.of(data).carrying(carried).forEvaluation();
    }

    private static List<PreferenceLogProbs> batches(int size) {
        return draws(size).stream().map(GroupRobustTest::batch).toList();
    }

    /** All batches of a size, drawn with replacement. */
    private static List<int[]> draws(int size) {
        int count = (int) Math.pow(DATA.size(), size);
        return IntStream.range(0, count)
                .mapToObj(number -> {
                    int[] draw = new int[size];
                    for (int i = 0, rest = number; i < size; i++, rest /= DATA.size()) {
                        draw[i] = rest % DATA.size();
                    }
                    return draw;
                })
                .toList();
    }

    private static PreferenceLogProbs batch(int[] draw) {
        return PreferenceLogProbs.joined(
                Arrays.stream(draw).mapToObj(i -> DATA.slice(i, i + 1)).toList());
    }
}
