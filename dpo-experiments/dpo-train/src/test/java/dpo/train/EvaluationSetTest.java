package dpo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.AdamW;
import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.batch.BcoLoss;
import dpo.core.loss.batch.KtoLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.Label;
import dpo.core.sequence.Preference;
import dpo.core.setting.SettingException;
import dpo.core.tabular.TabularBackend;
import dpo.core.tabular.TabularModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Named evaluation sets, the evaluation before the first step, and a reference of its own. */
class EvaluationSetTest {

    private static final TabularModel MODEL = new TabularModel(5, 4, 2, 0, 1, 1);
    private static final TabularModel OTHER = new TabularModel(5, 4, 2, 0, 0.5, 1);

    private final List<Preference> train = pairs("train", 48);
    private final List<Preference> some = pairs("some", 20);
    private final List<Preference> others = pairs("others", 9);
    private final TrainingSettings settings =
            TrainingSettings.of(new SigmoidLoss(0.1, 0), 0.05).withBatches(12, 6);

    private static List<Preference> pairs(String name, int count) {
        return MODEL.world().samplePairs(count, new RandomStreams(1).stream(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sigmoid", "kto", "bco"})
    void the_metrics_of_a_named_set_are_those_of_a_training_with_this_set_alone(String type) {
        PreferenceLoss loss = Map.of(
                        "sigmoid", new SigmoidLoss(0.1, 0), "kto", new KtoLoss(0.1, 1, 1), "bco", new BcoLoss(0.1))
                .get(type);
        TrainingSettings same = TrainingSettings.of(loss, 0.05).withBatches(12, 6);
        EvaluationReport both =
                last(trained(same, new EvaluationSet("some", some), new EvaluationSet("the-others_2", others)));
        Map<String, Double> expected = new LinkedHashMap<>();
        last(trained(same, new EvaluationSet("", some)))
                .metrics()
                .forEach((name, value) -> expected.put(name.replace("eval/", "eval/some/"), value));
        last(trained(same, new EvaluationSet("", others)))
                .metrics()
                .forEach((name, value) -> expected.put(name.replace("eval/", "eval/the-others_2/"), value));
        assertThat(both.metrics()).containsExactlyInAnyOrderEntriesOf(expected);
        assertThat(both.sets()).extracting(set -> set.set().name()).containsExactly("some", "the-others_2");
        assertThat(both.sets().get(1).preferences())
                .extracting(ScoredPreference::preference)
                .isEqualTo(others);
    }

    @Test
    void no_set_has_the_name_with_which_a_metric_begins() {
        List<Preference> twoGroups = IntStream.range(0, some.size())
                .mapToObj(i -> new Preference(
                        "pair-" + i, some.get(i).completions(), new Label(2, List.of(), "group-" + i % 2, 1)))
                .toList();
        Map<String, Double> metrics =
                last(trained(settings, new EvaluationSet("", twoGroups))).metrics();
        assertThat(metrics).containsKey("eval/groups/group-1/pairs");
        metrics.keySet().stream()
                .filter(name -> name.startsWith(EvaluationSet.METRICS))
                .map(name -> name.split("/")[1])
                .distinct()
                .forEach(EvaluationSetTest::requireRefused);
        List.of("turns", "custom", "a/b", "a b", "ä", "a.b").forEach(EvaluationSetTest::requireRefused);
        assertThatThrownBy(() -> new TrainingData(
                        train, List.of(new EvaluationSet("a", some), new EvaluationSet("A", others)), List.of()))
                .hasMessage("evaluation sets must have names that differ by more than case, got [a, A]");
    }

    private static void requireRefused(String name) {
        assertThatThrownBy(() -> new EvaluationSet(name, List.of()))
                .as(name)
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("got " + name);
    }

    @Test
    void an_evaluation_at_the_start_is_that_of_the_initial_policy_and_changes_nothing_else() {
        TrainingResult without = trained(settings, new EvaluationSet("", some));
        TrainingResult with = trained(atStart(settings), new EvaluationSet("", some));
        assertThat(with.evaluations()).extracting(EvaluationReport::step).containsExactly(0, 4);
        assertThat(with.evaluations().get(0).metrics())
                .containsEntry("eval/loss", Math.log(2))
                .containsEntry("eval/rewards/ties", 1.0)
                .containsEntry("world/kl", 0.0);
        assertThat(last(with).metrics()).isEqualTo(last(without).metrics());
        assertThat(with.meanLoss()).isEqualTo(without.meanLoss());
    }

    @Test
    void the_first_loss_with_a_reference_of_its_own_is_that_of_the_two_models() {
        TrainingData data = new TrainingData(train, EvaluationSet.unnamed(some), List.of());
        try (Policy policy = open(MODEL);
                Policy reference = open(OTHER)) {
            double expected = some.stream()
                    .mapToDouble(pair -> {
                        double margin = logRatio(policy, reference, pair, 0) - logRatio(policy, reference, pair, 1);
                        return Math.log1p(Math.exp(-0.1 * margin));
                    })
                    .average()
                    .orElseThrow();
            TrainingResult result = new Trainer(atStart(settings)).train(policy, Optional.of(reference), data);
            assertThat(result.evaluations().get(0).metrics().get("eval/loss")).isCloseTo(expected, within(1e-12));
            assertThat(result.steps().get(0).metrics().get("rewards/ties")).isLessThan(1.0);
            assertThat(result.steps().get(0).metrics().get("forward_kl_per_token"))
                    .isGreaterThan(0.0);
        }
    }

    private static double logRatio(Policy policy, Policy reference, Preference pair, int row) {
        return policy.logProbs(pair.completions()).sum(row)
                - reference.logProbs(pair.completions()).sum(row);
    }

    private static TrainingSettings atStart(TrainingSettings of) {
        return new TrainingSettings(
                of.loss(),
                of.sft(),
                new AdamW(0.05, List.of(0.9, 0.999), 1e-8, 0, 1),
                of.schedule(),
                of.epochs(),
                of.maxSteps(),
                of.batchSize(),
                of.microBatches(),
                of.order(),
                of.evaluateEvery(),
                true,
                of.best(),
                of.metrics(),
                of.reference(),
                of.method(),
                of.seed());
    }

    private TrainingResult trained(TrainingSettings with, EvaluationSet... sets) {
        try (Policy policy = open(MODEL)) {
            return new Trainer(with).train(policy, Optional.empty(), new TrainingData(train, List.of(sets), List.of()));
        }
    }

    private static EvaluationReport last(TrainingResult result) {
        return result.evaluations().get(result.evaluations().size() - 1);
    }

    private static Policy open(TabularModel model) {
        return new TabularBackend().open(model, new Execution("cpu", 1), 1);
    }
}
