package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.AdamW;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.StatisticRequest;
import dpo.core.backend.TokenScores;
import dpo.core.logprob.TokenStatistic;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import dpo.torch.lora.LoraAdapter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Dropout of the inputs of adapters. */
@SuppressWarnings("try") // pointer scopes are only opened and closed
class AdapterDropoutTest {

    private static final AdamW SETTINGS = new AdamW(1e-2, List.of(0.9, 0.999), 1e-8, 0.01, 1.0);
    private static final List<TokenSequence> ROWS =
            new PreferenceBatch(GoldenLlama.pairs().subList(0, 3)).sequences();

    @Test
    void a_repeated_pass_has_the_same_dropout_and_another_step_or_batch_a_different_one() {
        try (TorchPolicy policy = opened(0.3);
                Optimizer optimizer = policy.optimizer(SETTINGS)) {
            Opened.train(policy, optimizer, ROWS, 1);
            double[] first = forward(policy, ROWS);
            assertThat(forward(policy, ROWS)).isEqualTo(first);
            assertThat(Arrays.copyOf(forward(policy, ROWS.subList(0, 2)), 5)).isNotEqualTo(Arrays.copyOf(first, 5));
            double[] without = policy.logProbs(ROWS).toArray();
            optimizer.step(0);
            assertThat(policy.logProbs(ROWS).toArray()).isEqualTo(without);
            assertThat(forward(policy, ROWS)).isNotEqualTo(first);
        }
    }

    @Test
    void scoring_outside_training_has_no_dropout() {
        StatisticRequest squares = new StatisticRequest(Set.of(TokenStatistic.LOG_SUM_SQUARED_PROBS), Optional.empty());
        try (TorchPolicy policy = opened(0.5);
                TorchPolicy none = opened(0)) {
            Opened.train(policy, ROWS, 1);
            none.moveTowards(policy, 1);
            double[] expected = none.logProbs(ROWS).toArray();
            assertThat(policy.logProbs(ROWS).toArray()).isEqualTo(expected);
            TokenScores scores = policy.scores(ROWS, squares);
            assertThat(scores.logProbs().toArray()).isEqualTo(expected);
            assertThat(scores.statistics()
                            .get(TokenStatistic.LOG_SUM_SQUARED_PROBS)
                            .toArray())
                    .isEqualTo(none.scores(ROWS, squares)
                            .statistics()
                            .get(TokenStatistic.LOG_SUM_SQUARED_PROBS)
                            .toArray());
            assertThat(forward(none, ROWS)).isEqualTo(expected);
            assertThat(forward(policy, ROWS)).isNotEqualTo(expected);
        }
    }

    @Test
    void dropout_of_0_trains_like_no_dropout() {
        LoraAdapter absent = new LoraAdapter(
                "lora",
                Optional.empty(),
                Optional.of(4),
                Optional.of(8.0),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        try (TorchPolicy zero = opened(0);
                TorchPolicy without =
                        Opened.policy(TorchModel.at(GoldenLlama.folder()).with(absent), 2);
                TorchPolicy some = opened(0.1)) {
            for (TorchPolicy policy : List.of(zero, without, some)) {
                Opened.train(policy, ROWS, 2);
            }
            assertThat(without.parameters().sha256(""))
                    .isEqualTo(zero.parameters().sha256(""));
            assertThat(some.parameters().sha256(""))
                    .isNotEqualTo(zero.parameters().sha256(""));
        }
    }

    /** With a fixed mask the loss is smooth, and its slope is that of the remaining numbers. */
    @Test
    void the_gradient_equals_that_of_the_pass_with_its_mask() {
        try (TorchPolicy policy = opened(0.5)) {
            Opened.train(policy, ROWS, 1);
            String name = "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight";
            double[] gradient = Opened.gradients(policy, ROWS).get(name);
            double norm = Math.sqrt(Arrays.stream(gradient).map(g -> g * g).sum());
            double step = 0.05;
            double difference =
                    (moved(policy, name, gradient, step / norm) - moved(policy, name, gradient, -step / norm))
                            / (2 * step);
            assertThat(difference).isCloseTo(norm, within(0.01 * norm));
        }
    }

    private static double moved(TorchPolicy policy, String name, double[] direction, double step) {
        float[] values = new float[direction.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (step * direction[i]);
        }
        try (PointerScope scope = new PointerScope()) {
            Tensor flat = policy.parameters().get(name).detach().view(-1);
            Tensor before = flat.clone();
            flat.add_(Tensor.create(values));
            double[] weights = Opened.weights(policy.logProbs(ROWS).shape()).toArray();
            double[] logProbs = forward(policy, ROWS);
            double value = 0;
            for (int i = 0; i < weights.length; i++) {
                value += weights[i] * logProbs[i];
            }
            flat.copy_(before);
            return value;
        }
    }

    private static double[] forward(TorchPolicy policy, List<TokenSequence> rows) {
        try (ForwardPass pass = policy.forward(rows)) {
            return pass.logProbs().toArray();
        }
    }

    private static TorchPolicy opened(double dropout) {
        return Opened.policy(TorchModel.at(GoldenLlama.folder()).with(Opened.lora(4, 8, dropout)), 2);
    }
}
