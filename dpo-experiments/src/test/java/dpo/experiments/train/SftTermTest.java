package dpo.experiments.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.TokenSequence;
import dpo.core.tabular.TabularBackend;
import dpo.core.tabular.TabularModel;
import dpo.experiments.config.Backends;
import dpo.experiments.config.ExperimentConfig;
import dpo.experiments.config.ExperimentFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SftTermTest {

    private static final String EXPERIMENT = """
            name: term
            backend: tabular
            model: {vocabulary: 5, length: 6, prompts: 2}
            data: {train: {format: world, pairs: 60}}
            objective: {sft: {weight: 0.3, reduction: token_mean}}
            optimizer: {learning_rate: 0.05}
            training: {batch_size: 7}
            """;

    @TempDir
    Path folder;

    @Test
    void any_micro_batches_give_the_same_losses_and_gradients() throws IOException {
        List<Double> whole = lossesAndGradients("training.micro_batch_size=7");
        assertThat(whole).hasSize(16).allMatch(number -> number > 0.01);
        for (String parts : List.of("training.micro_batch_size=2", "training.micro_batch_tokens=1",
                "training.micro_batch_tokens=11", "training.micro_batch_tokens=1000")) {
            List<Double> cut = lossesAndGradients(parts);
            for (int i = 0; i < whole.size(); i++) {
                assertThat(cut.get(i)).as(parts).isCloseTo(whole.get(i), within(1e-9));
            }
        }
    }

    /** Of eight steps, two passes over eighteen sequences and a part of a third. */
    private List<Double> lossesAndGradients(String override) throws IOException {
        Path file = Files.writeString(folder.resolve("experiment.yaml"), EXPERIMENT);
        ExperimentConfig config = ExperimentFile.read(file, List.of(override), Backends.onClassPath())
                .cells()
                .get(0)
                .config();
        TabularModel model = (TabularModel) config.model();
        List<TokenSequence> sequences = model.world().samplePairs(18, new RandomStreams(2).stream("sequences")).stream()
                .map(pair -> pair.chosen())
                .toList();
        SftTerm term = SftTerm.of(config, sequences, 8, new RandomStreams(1));
        List<Double> found = new ArrayList<>();
        try (Policy policy = new TabularBackend().open(model, config.execution(), 1);
                Optimizer optimizer = policy.optimizer(config.optimizer())) {
            for (int step = 1; step <= 8; step++) {
                found.add(term.accumulate(step, policy).orElseThrow());
                found.add(optimizer.step(0.05));
            }
        }
        return found;
    }
}
