package dpo.train;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.ImplicitReward;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.batch.AotLoss;
import dpo.core.loss.batch.KtoLoss;
import dpo.core.loss.composed.WpoWeighted;
import dpo.core.loss.pairwise.HingeLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.loss.referencefree.SimPoLoss;
import dpo.core.loss.token.Tdpo1Loss;
import dpo.core.metric.PreferenceMetric;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.Label;
import dpo.core.sequence.Preference;
import dpo.core.tabular.TabularBackend;
import dpo.core.tabular.TabularModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EvaluationNamesTest {

    private static final TabularModel MODEL = new TabularModel(5, 4, 2, 0, 1, 1);

    private final List<Preference> train = MODEL.world().samplePairs(8, new RandomStreams(1).stream("train"));

    @Test
    void the_names_are_those_of_the_evaluations() {
        for (PreferenceLoss loss : List.of(
                new SigmoidLoss(0.1, 0.1),
                new HingeLoss(0.1),
                new SimPoLoss(2, 0.5),
                new Tdpo1Loss(0.1),
                new KtoLoss(0.1, 1, 1),
                new AotLoss(0.1, 0),
                new WpoWeighted(new SigmoidLoss(0.1, 0)))) {
            TrainingSettings settings =
                    TrainingSettings.of(loss, 0.05).withBatches(8, 8).withMetrics(List.of(new OfMany()));
            List<EvaluationSet> sets = List.of(
                    new EvaluationSet("", grouped()),
                    new EvaluationSet("other", loss instanceof KtoLoss ? labelled() : train));
            assertThat(EvaluationNames.of(settings, sets, EvaluationNames.World.EXACT_WITH_PAIRS))
                    .as(loss.toString())
                    .containsExactlyElementsOf(evaluated(settings, sets));
        }
    }

    @Test
    void without_evaluation_sets_there_are_only_those_of_an_exact_evaluation() {
        TrainingSettings settings = TrainingSettings.of(new SigmoidLoss(0.1, 0), 0.05);
        assertThat(EvaluationNames.of(settings, List.of(), EvaluationNames.World.NONE))
                .isEmpty();
        assertThat(EvaluationNames.of(settings, List.of(), EvaluationNames.World.EXACT_WITH_PAIRS))
                .containsExactlyElementsOf(evaluated(settings, List.of()));
    }

    /** Pairs of two groups. */
    private List<Preference> grouped() {
        List<Preference> grouped = new ArrayList<>();
        for (Preference pair : train.subList(0, 6)) {
            grouped.add(new Preference(
                    pair.id(), pair.completions(), new Label(2, List.of(), "group" + grouped.size() % 2, 1)));
        }
        return grouped;
    }

    /** Completions of which each is desirable. */
    private List<Preference> labelled() {
        return train.stream()
                .map(pair -> new Preference(pair.id(), List.of(pair.chosen()), Label.desirable(true)))
                .toList();
    }

    private Set<String> evaluated(TrainingSettings settings, List<EvaluationSet> sets) {
        TabularBackend backend = new TabularBackend();
        Execution execution = new Execution("cpu", 1);
        try (Policy policy = backend.open(MODEL, execution, 1);
                Policy second = backend.open(MODEL, execution, 1)) {
            return new Trainer(settings)
                    .train(policy, Optional.of(second), new TrainingData(train, sets, List.of()))
                    .evaluations()
                    .get(0)
                    .metrics()
                    .keySet();
        }
    }

    /** A metric of sets of at least seven preferences. */
    private record OfMany() implements PreferenceMetric {

        @Override
        public Accumulator accumulator(ImplicitReward objective) {
            return new Accumulator() {
                private int preferences;

                @Override
                public void add(PreferenceLogProbs logProbs) {
                    preferences += logProbs.size();
                }

                @Override
                public Map<String, Double> values() {
                    return preferences < 7 ? Map.of() : Map.of("many", 1.0);
                }
            };
        }
    }
}
