package dpo.report.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.batch.AotLoss;
import dpo.core.loss.listwise.PlackettLuceLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.Label;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.core.tabular.TabularBackend;
import dpo.core.tabular.TabularModel;
import dpo.report.evaluation.Estimate.Kind;
import dpo.report.evaluation.Items.Item;
import dpo.statistics.Clustered;
import dpo.statistics.Interval;
import dpo.statistics.Proportions;
import dpo.train.EvaluationSet;
import dpo.train.Progress;
import dpo.train.References;
import dpo.train.ScoredSet;
import dpo.train.TrainingSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Metrics with intervals of a policy that differs from its reference, in a world of forty prompts. */
class MeasuredTest {

    private static final PreferenceLoss LOSS = new SigmoidLoss(0.7, 0.1);
    private static final TabularModel POLICY = new TabularModel(6, 5, 40, 0, 1.2, 1);
    private static final TabularModel REFERENCE = new TabularModel(6, 5, 40, 0, 0.8, 1);

    private final List<Preference> pairs = grouped(POLICY.world().samplePairs(90, new RandomStreams(1).stream("held")));

    private static List<Preference> grouped(List<Preference> all) {
        return IntStream.range(0, all.size())
                .mapToObj(i -> new Preference(
                        "pair-" + i,
                        all.get(i).completions(),
                        new Label(2, List.of(), "group-" + (i % 7) / 3, i % 2 == 0 ? 1 : 0.5)))
                .toList();
    }

    private static ScoredSet scored(List<Preference> preferences, PreferenceLoss loss) {
        TrainingSettings settings = TrainingSettings.of(loss, 1).withBatches(8, 8);
        try (Policy policy = open(POLICY);
                Policy reference = open(REFERENCE)) {
            References references = References.of(reference, settings.microBatches());
            return ScoredSet.of(
                    new EvaluationSet("", preferences),
                    settings,
                    policy,
                    Optional.of(reference),
                    references,
                    Progress.SILENT,
                    () -> false);
        }
    }

    private static Policy open(TabularModel model) {
        return new TabularBackend().open(model, new Execution("cpu", 1), 1);
    }

    private static Map<String, Map<String, Estimate>> measured(List<Preference> preferences, PreferenceLoss loss) {
        return Measured.of(scored(preferences, loss), loss, List.of(), Map.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "loss",
                "rewards/margins",
                "rewards/accuracies",
                "rewards/ties",
                "rewards/brier",
                "rewards/chosen",
                "logps/rejected",
                "chosen_log_prob_fell",
                "forward_kl_per_token",
                "tokens/chosen"
            })
    void the_weighted_mean_of_the_groups_is_that_of_the_whole_set(String metric) {
        Map<String, Map<String, Estimate>> byGroup = measured(pairs, LOSS);
        assertThat(byGroup.keySet()).containsExactly("", "group-0", "group-1", "group-2");
        double sum = 0;
        long n = 0;
        for (String group : List.of("group-0", "group-1", "group-2")) {
            Estimate estimate = byGroup.get(group).get(metric);
            sum += estimate.n() * estimate.value().estimate();
            n += estimate.n();
        }
        Estimate whole = byGroup.get("").get(metric);
        assertThat(whole.n()).isEqualTo(n);
        assertThat(sum / n).isCloseTo(whole.value().estimate(), within(1e-12));
        assertThat(whole.value().low()).isLessThanOrEqualTo(whole.value().estimate());
    }

    @Test
    void the_numbers_of_the_whole_set_are_those_of_an_evaluation_bit_for_bit() {
        ScoredSet scored = scored(pairs, LOSS);
        Map<String, Double> found = new LinkedHashMap<>();
        Measured.of(scored, LOSS, List.of(), Map.of())
                .get("")
                .forEach((name, estimate) -> found.put(name, estimate.value().estimate()));
        Map<String, Double> expected = new LinkedHashMap<>(scored.metrics(LOSS, List.of(), Map.of()));
        expected.keySet().removeIf(name -> name.startsWith("groups/"));
        assertThat(found).containsAllEntriesOf(expected).hasSize(expected.size() + 3);
    }

    @Test
    void an_accuracy_has_the_interval_of_wilson_if_each_pair_has_its_own_prompt_and_else_that_by_prompt() {
        Map<Object, Preference> byPrompt = new LinkedHashMap<>();
        pairs.forEach(pair -> byPrompt.putIfAbsent(pair.first().id(0), pair));
        List<Preference> different = List.copyOf(byPrompt.values());
        Estimate wilson = measured(different, LOSS).get("").get(Items.ACCURACY);
        int n = different.size();
        Interval expected = Proportions.wilson(wilson.value().estimate() * n, n);
        assertThat(wilson.kind()).contains(Kind.WILSON);
        assertThat(wilson.value().low()).isEqualTo(expected.low());
        assertThat(wilson.prompts()).isEqualTo(n).isEqualTo((int) wilson.n());

        Estimate clustered = measured(pairs, LOSS).get("").get(Items.ACCURACY);
        List<Item> items = Items.of(scored(pairs, LOSS), LOSS, Map.of());
        Interval byHand = Clustered.mean(
                        items.stream()
                                .mapToDouble(item -> item.metrics().get(Items.ACCURACY))
                                .toArray(),
                        items.stream().map(Item::prompt).toList())
                .interval();
        assertThat(clustered.kind()).contains(Kind.BY_PROMPT);
        assertThat(clustered.n()).isEqualTo(90);
        assertThat(clustered.prompts()).isEqualTo(n).isLessThan(90);
        assertThat(clustered.value().low()).isCloseTo(byHand.low(), within(1e-12));
        assertThat(clustered.value().high()).isCloseTo(byHand.high(), within(1e-12));
    }

    /** A policy that prefers the longer completion is right in all pairs of one kind and wrong in all of the other. */
    @Test
    void the_length_balanced_accuracy_is_the_mean_of_both_kinds_of_pairs() {
        Map<String, Estimate> all = measured(pairs, LOSS).get("");
        double longer = all.get(Measured.LONGER).value().estimate();
        double shorter = all.get(Measured.SHORTER).value().estimate();
        long equal = pairs.stream()
                .filter(pair -> pair.chosen().length() == pair.rejected().length())
                .count();
        assertThat(all.get(Measured.BALANCED).value().estimate()).isCloseTo((longer + shorter) / 2, within(1e-15));
        assertThat(all.get(Measured.BALANCED).n())
                .isEqualTo(
                        all.get(Measured.LONGER).n() + all.get(Measured.SHORTER).n())
                .isEqualTo(90 - equal);
        double direct = accuracy(pairs.stream()
                .filter(pair -> pair.chosen().length() > pair.rejected().length())
                .toList());
        assertThat(longer).isCloseTo(direct, within(1e-15)).isNotEqualTo(shorter);
        List<Preference> onlyLonger = pairs.stream()
                .filter(pair -> pair.chosen().length() > pair.rejected().length())
                .toList();
        Map<String, Estimate> alone = measured(onlyLonger, LOSS).get("");
        assertThat(alone).doesNotContainKeys(Measured.BALANCED, Measured.SHORTER);
        assertThat(alone.get(Measured.LONGER).value().estimate()).isEqualTo(direct);
    }

    private static double accuracy(List<Preference> of) {
        return measured(of, LOSS).get("").get(Items.ACCURACY).value().estimate();
    }

    /** The delta method: a ratio of sums over preferences with different numbers of tokens. */
    @Test
    void a_mean_over_tokens_has_the_interval_of_its_linearisation() {
        List<Item> items = Items.of(scored(pairs, LOSS), LOSS, Map.of());
        double tokens = items.stream().mapToInt(item -> item.counts().tokens()).sum();
        Estimate kl = measured(pairs, LOSS).get("").get("forward_kl_per_token");
        double[] linear = items.stream()
                .mapToDouble(item -> {
                    double sum = item.counts().tokens() * item.metrics().get("forward_kl_per_token");
                    return (sum - kl.value().estimate() * item.counts().tokens()) / (tokens / 90);
                })
                .toArray();
        Interval expected = Clustered.mean(
                        linear, items.stream().map(Item::prompt).toList())
                .interval();
        assertThat(kl.n()).isEqualTo((long) tokens);
        assertThat(kl.value().high() - kl.value().estimate()).isCloseTo(expected.high(), within(1e-12));
    }

    @Test
    void a_loss_of_a_whole_step_has_a_value_without_an_interval_and_none_by_group() {
        PreferenceLoss whole = new AotLoss(0.1, 0);
        List<Preference> unweighted = pairs.stream()
                .map(pair -> new Preference(
                        pair.id(), pair.completions(), pair.label().withWeight(1)))
                .toList();
        Map<String, Map<String, Estimate>> byGroup = measured(unweighted, whole);
        assertThat(byGroup.get("").get(Items.LOSS).kind()).isEmpty();
        assertThat(byGroup.get("group-0")).doesNotContainKey(Items.LOSS).containsKey(Items.ACCURACY);
    }

    @Test
    void pairs_of_a_ranked_list_are_counted_and_labels_have_no_accuracy() {
        List<TokenSequence> three = Stream.of(
                        pairs.get(0).chosen(),
                        pairs.get(0).rejected(),
                        pairs.get(0).chosen())
                .toList();
        List<Preference> lists = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            lists.add(new Preference("list-" + i, three, new Label(3, List.of(3.0, 2.0, 2.0), "all", 1)));
        }
        Map<String, Estimate> listed =
                measured(lists, new PlackettLuceLoss(0.1)).get("");
        assertThat(listed.get(Items.ACCURACY).n()).isEqualTo(4 * 2);
        assertThat(listed.get(Items.ACCURACY).kind()).as("one prompt").isEmpty();
        assertThat(listed.get("rewards/rejected").n()).isEqualTo(4 * 2);
        assertThat(listed).doesNotContainKey(Measured.BALANCED);
    }
}
