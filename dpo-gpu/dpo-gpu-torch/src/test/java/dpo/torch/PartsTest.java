package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.Execution;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.ScalarModel;
import dpo.core.backend.ScalarPass;
import dpo.core.sequence.TokenSequence;
import dpo.torch.tensor.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Passes of small models, whose rows are computed in parts side by side. */
class PartsTest {

    private static final TorchModel MODEL = TorchModel.at(GoldenLlama.folder());
    private static final List<TokenSequence> ROWS = rows();

    private static List<TokenSequence> rows() {
        Random random = new Random(3);
        List<TokenSequence> rows = new ArrayList<>();
        for (int pair = 0; pair < 14; pair++) {
            int[] prompt = ids(random, 20 + random.nextInt(25));
            rows.add(TokenSequence.of(prompt, ids(random, 1 + random.nextInt(20))));
            rows.add(TokenSequence.of(prompt, ids(random, 1 + random.nextInt(20))));
        }
        return rows;
    }

    private static int[] ids(Random random, int count) {
        return random.ints(count, 3, 16).toArray();
    }

    static Stream<TorchModel> models() {
        return Stream.of(
                MODEL,
                MODEL.withCheckpointing(),
                MODEL.with(Opened.lora(4, 8, 0)),
                TorchModel.at(new Variant("gpt2").folder()),
                MODEL.with(Precision.BFLOAT16));
    }

    @Test
    void the_pass_of_these_tests_has_parts() {
        try (TorchPolicy policy = Opened.policy(MODEL, 2)) {
            assertThat(policy.languageModel().parts(policy.languageModel().packed(ROWS)))
                    .hasSize(2);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void the_gradient_is_that_of_one_thread_up_to_rounding(TorchModel model) {
        Map<String, double[]> whole = gradients(model, 1);
        Map<String, double[]> inParts = gradients(model, 2);
        double share = model.dtype() == Precision.FLOAT32 ? 1e-4 : 5e-2;
        whole.forEach((name, gradient) -> {
            double largest = Arrays.stream(gradient).map(Math::abs).max().orElseThrow();
            double apart = IntStream.range(0, gradient.length)
                    .mapToDouble(i -> Math.abs(gradient[i] - inParts.get(name)[i]))
                    .max()
                    .orElseThrow();
            assertThat(apart).as(name).isLessThanOrEqualTo(share * largest);
        });
    }

    private static Map<String, double[]> gradients(TorchModel model, int threads) {
        try (TorchPolicy policy = Opened.policy(model, threads)) {
            if (model.adapter().isPresent()) { // else the gradient of A is 0
                Opened.train(policy, ROWS, 1);
            }
            return Opened.gradients(policy, ROWS);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void a_repeated_training_gives_the_same_bits_and_a_pass_the_log_probs_of_the_policy(TorchModel model) {
        assertThat(trained(model)).isEqualTo(trained(model));
    }

    private static String trained(TorchModel model) {
        try (TorchPolicy policy = Opened.policy(model, 2)) {
            Opened.train(policy, ROWS, 3);
            double[] logProbs = policy.logProbs(ROWS).toArray();
            try (ForwardPass pass = policy.forward(ROWS)) {
                assertThat(pass.logProbs().toArray()).isEqualTo(logProbs);
            }
            return policy.parameters().sha256(Arrays.toString(logProbs));
        }
    }

    @Test
    void dropout_does_not_depend_on_the_number_of_threads() {
        TorchModel model = MODEL.with(Opened.lora(4, 8, 0.5));
        assertThat(inTraining(model, 2)).containsExactly(inTraining(model, 1), within(1e-4));
    }

    private static double[] inTraining(TorchModel model, int threads) {
        try (TorchPolicy policy = Opened.policy(model, threads)) {
            Opened.train(policy, ROWS, 2);
            try (ForwardPass pass = policy.forward(ROWS)) {
                return pass.logProbs().toArray();
            }
        }
    }

    @Test
    void values_of_a_scalar_model_and_their_gradient_are_those_of_one_thread() {
        double[][] whole = trainedValues(1);
        double[][] inParts = trainedValues(2);
        for (int row = 0; row < whole.length; row++) {
            assertThat(inParts[row]).containsExactly(whole[row], within(1e-5));
        }
    }

    private static double[][] trainedValues(int threads) {
        try (ScalarModel model = new TorchBackend().openScalar(MODEL, new Execution("cpu", threads), 1)) {
            var optimizer = model.optimizer(Opened.SETTINGS);
            for (int step = 0; step < 2; step++) {
                try (ScalarPass pass = model.forward(ROWS)) {
                    double[][] gradient = pass.values();
                    for (double[] row : gradient) {
                        Arrays.setAll(row, i -> row[i] - Math.sin(i));
                    }
                    pass.backward(gradient);
                }
                optimizer.step(1e-3);
            }
            optimizer.close();
            return model.values(ROWS);
        }
    }
}
