package dpo.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.backend.AdamW;
import dpo.core.backend.Execution;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.logprob.TokenGradient;
import dpo.core.sequence.TokenSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The memory of training does not grow, whatever the lengths of rows. */
class RaggedMemoryIT {

    private static final int VOCABULARY = 50;
    private static final int ROWS = 64;
    private static final int EARLY = 50;
    private static final int STEPS = 150;

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_hundred_and_fifty_steps_on_rows_of_ever_new_lengths_take_no_more_memory_than_fifty() {
        FreshNetwork settings = new FreshNetwork(
                FreshNetworks.settings(LayerKind.LSTM, 8).tokenizer(),
                VOCABULARY,
                64,
                LayerKind.LSTM,
                32,
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        Random random = new Random(1);
        long early = 0;
        try (Policy policy = FreshNetworks.BACKEND.open(
                        Nd4jModel.of(settings, Precision.FLOAT32), new Execution("cpu", 1), 1);
                Optimizer optimizer = policy.optimizer(new AdamW(1e-3, List.of(0.9, 0.999), 1e-8, 0, 1))) {
            for (int step = 1; step <= STEPS; step++) {
                try (ForwardPass pass = policy.forward(rows(random))) {
                    pass.backward(TokenGradient.ofRowSums(
                            pass.logProbs().shape(), random.doubles(ROWS, -1, 1).toArray()));
                }
                optimizer.step(1e-3);
                early = step == EARLY ? ProcessMemory.resident() : early;
            }
            // Many short rows of a narrow network: a step's activations are MBs, which would be kept a hundred times.
            assertThat(ProcessMemory.resident()).isLessThan(early + 64);
        }
    }

    private static List<TokenSequence> rows(Random random) {
        List<TokenSequence> rows = new ArrayList<>();
        for (int row = 0; row < ROWS; row++) {
            int length = 2 + random.nextInt(20);
            rows.add(TokenSequence.of(
                    new int[] {random.nextInt(VOCABULARY)},
                    random.ints(length, 0, VOCABULARY).toArray()));
        }
        return rows;
    }
}
