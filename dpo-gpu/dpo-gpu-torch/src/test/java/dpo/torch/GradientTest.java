package dpo.torch;

import static dpo.core.logprob.TokenStatistic.LOG_SUM_SQUARED_PROBS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.AdamW;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.StatisticRequest;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.TokenSequence;
import dpo.torch.autograd.Gradients;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.model.FreshModel;
import dpo.torch.model.FrozenModels;
import dpo.torch.tensor.Tensors;
import dpo.torch.tensor.TorchDevice;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // pointer scopes are only opened and closed
class GradientTest {

    private static final List<TokenSequence> ROWS = List.of(
            TokenSequence.of(new int[] {1, 2, 3, 4}, new int[] {5, 6, 7}),
            TokenSequence.of(new int[] {1, 2, 3}, new int[] {8, 9, 1, 0}),
            TokenSequence.of(new int[] {9}, new int[] {9, 9}));
    private static final AdamW SETTINGS = new AdamW(0.01, List.of(0.9, 0.999), 1e-8, 0.5, 1.0);

    @Test
    void the_gradient_of_each_parameter_is_the_slope_along_a_random_direction() {
        for (boolean tied : new boolean[] {true, false}) {
            try (TorchPolicy policy = open(tied)) {
                Map<String, double[]> gradients = gradients(policy, ROWS);
                policy.parameters().all().forEach((name, parameter) -> {
                    double[] gradient = gradients.get(name);
                    float[] direction = direction(gradient.length, name);
                    double slope = 0;
                    for (int i = 0; i < gradient.length; i++) {
                        slope += gradient[i] * direction[i];
                    }
                    double step = 0.02 / Math.sqrt(gradient.length);
                    double difference = (valueMoved(policy, parameter, direction, step)
                                    - valueMoved(policy, parameter, direction, -step))
                            / (2 * step);
                    assertThat(difference).as(name).isCloseTo(slope, within(0.02 * Math.abs(slope) + 0.02));
                });
            }
        }
    }

    @Test
    void gradients_of_micro_batches_and_of_a_shared_prompt_add_up() {
        try (TorchPolicy policy = open(true)) {
            Map<String, double[]> together = gradients(policy, ROWS);
            Gradients.clear(policy.parameters().all().values());
            double[] weights = weights(TokenShape.of(ROWS));
            int from = 0;
            for (TokenSequence row : ROWS) {
                try (ForwardPass pass = policy.forward(List.of(row))) {
                    int to = from + row.scoredTokens();
                    pass.backward(TokenGradient.of(pass.logProbs().shape(), Arrays.copyOfRange(weights, from, to)));
                    from = to;
                }
            }
            together.forEach((name, gradient) -> assertThat(
                            Tensors.toDoubles(policy.parameters().get(name).grad()))
                    .as(name)
                    .containsExactly(gradient, within(1e-5)));
        }
    }

    @Test
    void weight_decay_applies_to_matrices_and_not_to_norms() {
        try (TorchPolicy policy = open(false);
                Optimizer optimizer = policy.optimizer(SETTINGS)) {
            Map<String, double[]> before = values(policy);
            assertThat(optimizer.step(0.1)).isZero();
            values(policy).forEach((name, after) -> {
                double factor = name.contains("norm") ? 1 : 1 - 0.1 * 0.5;
                double[] expected =
                        Arrays.stream(before.get(name)).map(v -> v * factor).toArray();
                assertThat(after).as(name).containsExactly(expected, within(1e-7));
            });
        }
    }

    @Test
    void an_infinite_gradient_changes_neither_parameters_nor_moments() {
        try (TorchPolicy policy = open(true);
                Optimizer optimizer = policy.optimizer(SETTINGS)) {
            String before = policy.parameters().sha256("");
            try (ForwardPass pass = policy.forward(ROWS)) {
                double[] weights = weights(pass.logProbs().shape());
                weights[1] = Double.POSITIVE_INFINITY;
                pass.backward(TokenGradient.of(pass.logProbs().shape(), weights));
            }
            assertThat(optimizer.step(0.1)).isNaN();
            assertThat(policy.parameters().sha256("")).isEqualTo(before);
            gradients(policy, ROWS);
            assertThat(optimizer.step(0.1)).isFinite();
        }
    }

    @Test
    void backward_is_refused_a_second_time_after_close_and_in_another_shape() {
        try (TorchPolicy policy = open(true);
                ForwardPass pass = policy.forward(ROWS)) {
            TokenGradient zero = TokenGradient.zero(pass.logProbs().shape());
            assertThatThrownBy(() -> pass.backward(TokenGradient.zero(TokenShape.of(ROWS.subList(0, 2)))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("shape");
            pass.backward(zero);
            assertThatThrownBy(() -> pass.backward(zero)).isInstanceOf(IllegalStateException.class);
            ForwardPass closed = policy.forward(ROWS);
            closed.close();
            assertThatThrownBy(() -> closed.backward(zero)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void the_gradient_of_a_statistic_other_than_the_divergence_is_refused() {
        StatisticRequest squares = new StatisticRequest(Set.of(LOG_SUM_SQUARED_PROBS), Optional.empty());
        try (TorchPolicy policy = open(true);
                ForwardPass pass = policy.forward(ROWS, squares)) {
            TokenGradient zero = TokenGradient.zero(pass.logProbs().shape());
            assertThatThrownBy(() -> pass.backward(zero, Map.of(LOG_SUM_SQUARED_PROBS, zero)))
                    .hasMessage("gradient must be of statistics that this backend differentiates (REFERENCE_KL), got"
                            + " [LOG_SUM_SQUARED_PROBS]");
        }
    }

    private static TorchPolicy open(boolean tied) {
        FreshModel model = new FreshModel(GoldenLlama.folder(), 10, 8, 12, 2, 2, 1, 16, tied, 0.4);
        return TorchPolicy.open(
                TorchModel.of(model),
                new RandomStreams(3),
                ComputeDevice.configure(new TorchDevice("cpu"), 2),
                new FrozenModels(),
                Optional.empty());
    }

    private static Map<String, double[]> gradients(TorchPolicy policy, List<TokenSequence> rows) {
        try (ForwardPass pass = policy.forward(rows)) {
            pass.backward(TokenGradient.of(
                    pass.logProbs().shape(), weights(pass.logProbs().shape())));
        }
        Map<String, double[]> gradients = new LinkedHashMap<>();
        policy.parameters()
                .all()
                .forEach((name, parameter) -> gradients.put(name, Tensors.toDoubles(parameter.grad())));
        return gradients;
    }

    private static Map<String, double[]> values(TorchPolicy policy) {
        Map<String, double[]> values = new LinkedHashMap<>();
        policy.parameters().all().forEach((name, parameter) -> values.put(name, Tensors.toDoubles(parameter)));
        return values;
    }

    private static double valueMoved(TorchPolicy policy, Tensor parameter, float[] direction, double step) {
        move(parameter, direction, step);
        TokenLogProbs logProbs = policy.logProbs(ROWS);
        move(parameter, direction, -step);
        double[] weights = weights(logProbs.shape());
        double value = 0;
        for (int i = 0; i < weights.length; i++) {
            value += weights[i] * logProbs.at(i);
        }
        return value;
    }

    private static void move(Tensor parameter, float[] direction, double step) {
        try (PointerScope scope = new PointerScope()) {
            parameter.detach().view(-1).add_(Tensor.create(direction), new Scalar(step));
        }
    }

    private static float[] direction(int length, String name) {
        double[] signs =
                new RandomStreams(11).stream(name).doubles(length, -1, 1).toArray();
        float[] direction = new float[length];
        for (int i = 0; i < length; i++) {
            direction[i] = (float) Math.signum(signs[i]);
        }
        return direction;
    }

    private static double[] weights(TokenShape shape) {
        double[] weights = new double[shape.tokens()];
        Arrays.setAll(weights, i -> Math.sin(1 + i));
        return weights;
    }
}
