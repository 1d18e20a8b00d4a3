package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanCommandTest {

    private static final String SWEEP = """
            name: planned
            backend: tabular
            model: {vocabulary: 4, length: 3, prompts: 2, seed: 0}
            data: {train: {format: world, pairs: 64}}
            objective: {preference: {type: sigmoid, beta: 0.1}}
            optimizer: {learning_rate: 0.05}
            training: {epochs: 4, batch_size: 8, evaluate_every: 8}
            sweep: {optimizer.learning_rate: [0.1, 0.2, 0.3, 0.4], seed: [1, 2, 3]}
            halving: {metric: world/reward, direction: highest, rungs: [8, 16]}
            """;

    @TempDir
    private Path folder;

    private String planned(String... overrides) throws Exception {
        Path config = Files.writeString(folder.resolve("c.yaml"), SWEEP);
        String[] command = new String[2 + 2 * overrides.length];
        command[0] = "plan";
        command[1] = config.toString();
        for (int i = 0; i < overrides.length; i++) {
            command[2 + 2 * i] = "--set";
            command[3 + 2 * i] = overrides[i];
        }
        Ended ended = Ended.of(command);
        assertThat(ended.code()).as(ended.err()).isZero();
        return ended.out();
    }

    @Test
    void halving_lessens_the_steps_of_a_plan() throws Exception {
        // 4 settings to step 8, 2 to step 16, 1 to step 32: 64 of 128 steps of a seed
        assertThat(planned())
                .contains("optimizer steps: 32 per cell, 384 in all", "halving: about 50 % of these steps and tokens");
    }

    @Test
    void tokens_are_those_of_the_steps_whether_epochs_or_steps_are_given() throws Exception {
        String byEpochs = tokens(planned("halving=null"));

        assertThat(tokens(planned("halving=null", "training={max_steps: 32, batch_size: 8}")))
                .isEqualTo(byEpochs);
    }

    private static String tokens(String plan) {
        return plan.lines()
                .filter(line -> line.startsWith("tokens: "))
                .findFirst()
                .orElseThrow();
    }
}
