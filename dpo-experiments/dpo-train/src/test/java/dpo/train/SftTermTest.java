package dpo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.AdamW;
import dpo.core.backend.Execution;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.backend.Ranks;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.loss.referencefree.SftLoss;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.TokenSequence;
import dpo.core.tabular.TabularBackend;
import dpo.core.tabular.TabularModel;
import dpo.data.batch.MicroBatches;
import dpo.data.batch.Order;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SftTermTest {

    private static final TabularModel MODEL = new TabularModel(5, 6, 2, 0, 1, 1);

    @Test
    void any_micro_batches_give_the_same_losses_and_gradients() {
        List<Double> whole = lossesAndGradients(new MicroBatches.OfExamples(7));
        assertThat(whole).hasSize(16).allMatch(number -> number > 0.01);
        for (MicroBatches parts : List.of(
                new MicroBatches.OfExamples(2),
                new MicroBatches.OfTokens(1),
                new MicroBatches.OfTokens(11),
                new MicroBatches.OfTokens(1000))) {
            List<Double> cut = lossesAndGradients(parts);
            for (int i = 0; i < whole.size(); i++) {
                assertThat(cut.get(i)).as(parts.toString()).isCloseTo(whole.get(i), within(1e-9));
            }
        }
    }

    /** Eight steps: two passes over eighteen sequences and a part of a third one. */
    private static List<Double> lossesAndGradients(MicroBatches microBatches) {
        List<TokenSequence> sequences = MODEL.world().samplePairs(18, new RandomStreams(2).stream("sequences")).stream()
                .map(pair -> pair.chosen())
                .toList();
        TrainingSettings standard = TrainingSettings.of(new SigmoidLoss(0.1, 0), 0.05);
        TrainingSettings settings = new TrainingSettings(
                standard.loss(),
                Optional.of(new TrainingSettings.Sft(new SftLoss(SftLoss.Average.TOKEN_MEAN), 0.3)),
                standard.optimizer(),
                standard.schedule(),
                1,
                Optional.empty(),
                7,
                microBatches,
                Order.SHUFFLED,
                Optional.empty(),
                false,
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                1);
        SftTerm term = SftTerm.of(settings, sequences, 8);
        List<Double> found = new ArrayList<>();
        AdamW adamW = settings.optimizer();
        try (Policy policy = new TabularBackend().open(MODEL, new Execution("cpu", 1), 1);
                Optimizer optimizer = policy.optimizer(adamW)) {
            for (int step = 1; step <= 8; step++) {
                SftTerm.OfStep ofStep = term.at(step, policy, Ranks.ALONE).orElseThrow();
                ofStep.accumulate(0);
                found.add(ofStep.value());
                found.add(optimizer.step(0.05));
            }
        }
        return found;
    }
}
