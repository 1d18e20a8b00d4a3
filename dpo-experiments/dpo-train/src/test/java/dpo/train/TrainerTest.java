package dpo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.ImplicitReward;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.loss.token.Tdpo1Loss;
import dpo.core.metric.PreferenceMetric;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.Preference;
import dpo.core.tabular.TabularBackend;
import dpo.core.tabular.TabularModel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Training in memory from Java. */
class TrainerTest {

    private static final TabularModel MODEL = new TabularModel(5, 4, 2, 0, 1, 1);

    private final List<Preference> train = MODEL.world().samplePairs(60, new RandomStreams(1).stream("train"));
    private final List<Preference> heldOut = MODEL.world().samplePairs(20, new RandomStreams(1).stream("held-out"));
    private final TrainingSettings settings = TrainingSettings.of(new SigmoidLoss(0.1, 0), 0.05)
            .withBatches(12, 6)
            .withEpochs(2)
            .withEvaluationEvery(4);

    @Test
    void a_policy_starts_at_its_reference_and_learns_the_preferences() {
        TrainingResult result = trained(settings);
        assertThat(result.steps()).hasSize(10);
        assertThat(result.steps().get(0).loss()).isEqualTo(Math.log(2));
        assertThat(result.steps().get(9).loss())
                .isLessThan(result.steps().get(0).loss());
        assertThat(result.evaluations()).extracting(EvaluationReport::step).containsExactly(4, 8, 10);
        assertThat(result.evaluations())
                .allMatch(evaluation -> evaluation.sets().get(0).preferences().size() == 20);
        assertThat(result.metrics()).containsKeys("eval/loss", "eval/rewards/accuracies", "world/gap");
    }

    @Test
    void equal_settings_give_equal_numbers_and_another_seed_gives_others() {
        ToDoubleFunction<TrainingResult> loss = TrainingResult::meanLoss;
        assertThat(loss.applyAsDouble(trained(settings))).isEqualTo(loss.applyAsDouble(trained(settings)));
        assertThat(loss.applyAsDouble(trained(settings.withSeed(2))))
                .isNotEqualTo(loss.applyAsDouble(trained(settings)));
    }

    @Test
    void custom_metrics_do_not_change_the_built_in_ones() {
        TrainingResult plain = trained(settings);
        TrainingResult further = trained(settings.withMetrics(List.of(new Pairs("pairs"))));
        assertThat(further.steps()).allMatch(step -> step.metrics().get("custom/pairs") == 12);
        assertThat(further.metrics()).containsEntry("eval/custom/pairs", 20.0).containsAllEntriesOf(plain.metrics());
    }

    @Test
    void two_metrics_whose_names_differ_by_case_at_most_are_refused() {
        for (String other : List.of("pairs", "Pairs")) {
            assertThatThrownBy(() -> trained(settings.withMetrics(List.of(new Pairs(other), new Pairs("pairs")))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("metrics must give values of different names, got two of pairs");
        }
    }

    /** Number of preferences. */
    private record Pairs(String name) implements PreferenceMetric {

        @Override
        public Accumulator accumulator(ImplicitReward objective) {
            return new Accumulator() {
                private int count;

                @Override
                public void add(PreferenceLogProbs logProbs) {
                    count += logProbs.size();
                }

                @Override
                public Map<String, Double> values() {
                    return Map.of(name, (double) count);
                }
            };
        }
    }

    @Test
    void an_objective_that_needs_the_reference_model_is_refused_without_one() {
        TrainingSettings tokenwise = TrainingSettings.of(new Tdpo1Loss(0.1), 0.05);
        assertThatThrownBy(() -> trained(tokenwise))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("second model must be given");
    }

    @Test
    void the_policy_itself_is_refused_as_the_second_model() {
        TrainingSettings tokenwise = TrainingSettings.of(new Tdpo1Loss(0.1), 0.05);
        TrainingData data = new TrainingData(train, List.of(), List.of());
        try (Policy policy = new TabularBackend().open(MODEL, new Execution("cpu", 1), 1)) {
            assertThatThrownBy(() -> new Trainer(tokenwise).train(policy, Optional.of(policy), data))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageEndingWith("got the policy itself");
        }
    }

    @Test
    void sft_sequences_without_an_sft_term_are_refused() {
        TrainingData data =
                new TrainingData(train, List.of(), List.of(train.get(0).first()));
        try (Policy policy = new TabularBackend().open(MODEL, new Execution("cpu", 1), 1)) {
            assertThatThrownBy(() -> new Trainer(settings).train(policy, Optional.empty(), data))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageEndingWith("got 1 sequences");
        }
    }

    private TrainingResult trained(TrainingSettings of) {
        try (Policy policy = new TabularBackend().open(MODEL, new Execution("cpu", 1), 1)) {
            return new Trainer(of).train(policy, train, heldOut);
        }
    }
}
