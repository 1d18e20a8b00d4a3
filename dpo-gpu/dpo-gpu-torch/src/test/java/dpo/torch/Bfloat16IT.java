package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.AdamW;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.lora.LoraAdapter;
import dpo.torch.model.BaseModel;
import dpo.torch.tensor.Precision;
import dpo.torch.tensor.TorchDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Training with bfloat16 matmuls: as close to float32 as 8 bits allow, and as repeatable. */
class Bfloat16IT {

    private static final PreferenceBatch PAIRS =
            new PreferenceBatch(GoldenLlama.pairs().subList(0, 8));
    private static final List<TokenSequence> ROWS = PAIRS.sequences();
    private static final TorchModel BASE = TorchModel.at(GoldenLlama.folder());
    private static final TorchModel ROUNDED = BASE.with(Precision.BFLOAT16);

    /** Half a unit in the last of 8 bits. */
    private static final double UNIT = 1.0 / 256;

    static List<Arguments> ways() {
        List<Arguments> ways = new ArrayList<>();
        for (Precision precision : Precision.values()) {
            for (int threads = 1; threads <= 3; threads++) {
                ways.add(Arguments.of(BASE.with(precision), threads));
                ways.add(Arguments.of(BASE.with(precision).with(Opened.lora(4, 8, 0.1)), threads));
            }
        }
        return ways;
    }

    @ParameterizedTest
    @MethodSource("ways")
    void a_forward_pass_gives_the_log_probs_of_the_policy_bit_by_bit(TorchModel model, int threads) {
        TorchModel withoutDropout = model.adapter().isPresent() ? model.with(Opened.lora(4, 8, 0)) : model;
        try (TorchPolicy policy = Opened.policy(withoutDropout, threads)) {
            Opened.train(policy, ROWS, 1);
            try (ForwardPass pass = policy.forward(ROWS)) {
                assertThat(pass.logProbs().toArray())
                        .isEqualTo(policy.logProbs(ROWS).toArray());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void repeated_training_gives_the_same_bits(TorchModel model, int threads) {
        assertThat(trained(model, threads)).isEqualTo(trained(model, threads));
    }

    private static String trained(TorchModel model, int threads) {
        try (TorchPolicy policy = Opened.policy(model, threads)) {
            Opened.train(policy, ROWS, 3);
            return policy.parameters()
                    .sha256(Arrays.toString(policy.logProbs(ROWS).toArray()));
        }
    }

    /** Measured: at most 2.1 units, on average 0.43. */
    @Test
    void log_probs_equal_those_of_float32_up_to_rounding() {
        double[] exact = logProbs(BASE);
        double[] rounded = logProbs(ROUNDED);
        double largest = 0;
        double mean = 0;
        for (int i = 0; i < exact.length; i++) {
            double apart = Math.abs(rounded[i] - exact[i]) / Math.abs(exact[i]);
            largest = Math.max(largest, apart);
            mean += apart / exact.length;
        }
        assertThat(largest).isPositive().isLessThan(4 * UNIT);
        assertThat(mean).isPositive().isLessThan(UNIT / 2);
    }

    private static double[] logProbs(TorchModel model) {
        try (TorchPolicy policy = Opened.policy(model, 2)) {
            return policy.logProbs(ROWS).toArray();
        }
    }

    @Test
    void the_gradient_has_the_direction_of_that_of_float32() {
        for (Optional<LoraAdapter> adapter :
                List.of(Optional.<LoraAdapter>empty(), Optional.of(Opened.lora(4, 8, 0)))) {
            Map<String, double[]> exact = gradients(adapter.map(BASE::with).orElse(BASE));
            Map<String, double[]> rounded = gradients(adapter.map(ROUNDED::with).orElse(ROUNDED));
            double product = 0;
            double exactSquares = 0;
            double roundedSquares = 0;
            for (String name : exact.keySet()) {
                for (int i = 0; i < exact.get(name).length; i++) {
                    double one = exact.get(name)[i];
                    double other = rounded.get(name)[i];
                    product += one * other;
                    exactSquares += one * one;
                    roundedSquares += other * other;
                }
            }
            assertThat(product / Math.sqrt(exactSquares * roundedSquares))
                    .isGreaterThan(0.999)
                    .isLessThan(1);
            assertThat(Math.sqrt(roundedSquares))
                    .isCloseTo(Math.sqrt(exactSquares), within(0.02 * Math.sqrt(exactSquares)));
        }
    }

    private static Map<String, double[]> gradients(TorchModel model) {
        try (TorchPolicy policy = Opened.policy(model, 2)) {
            return Opened.gradients(policy, ROWS);
        }
    }

    /** The float32 weights accumulate updates that are too small for 8 bits. */
    @Test
    void the_loss_of_training_falls_as_in_float32() {
        List<Double> exact = losses(BASE, 1e-4);
        List<Double> rounded = losses(ROUNDED, 1e-4);
        assertThat(rounded.get(0)).isEqualTo(Math.log(2));
        assertThat(exact.get(exact.size() - 1)).isLessThan(0.6);
        for (int step = 0; step < exact.size(); step++) {
            assertThat(rounded.get(step)).as("step " + step).isCloseTo(exact.get(step), within(0.02));
        }
    }

    private static List<Double> losses(TorchModel model, double rate) {
        AdamW settings = new AdamW(rate, List.of(0.9, 0.999), 1e-8, 0, 1);
        List<Double> losses = new ArrayList<>();
        try (TorchPolicy policy = Opened.policy(model, 2);
                Optimizer optimizer = policy.optimizer(settings)) {
            TokenLogProbs reference = policy.logProbs(ROWS);
            for (int step = 0; step < 12; step++) {
                try (ForwardPass pass = policy.forward(ROWS)) {
                    PreferenceLogProbs both =
                            new PreferenceLogProbs(pass.logProbs(), reference, Labels.of(PAIRS.labels()));
                    LossEvaluation evaluation = new SigmoidLoss(0.1, 0).evaluate(both, Normalizer.of(both));
                    pass.backward(evaluation.gradient());
                    losses.add(evaluation.value());
                }
                optimizer.step(rate);
            }
        }
        return losses;
    }

    @Test
    void trained_weights_are_float32_and_frozen_matrices_bfloat16() {
        ComputeDevice device = ComputeDevice.configure(new TorchDevice("cpu"), 1, Precision.BFLOAT16);
        try (TorchPolicy policy = Opened.policy(ROUNDED, 1);
                TorchPolicy adapted = Opened.policy(ROUNDED.with(Opened.lora(4, 8, 0)), 1);
                BaseModel frozen = BaseModel.read(GoldenLlama.folder(), device, true)) {
            assertThat(policy.parameters().all().values()).allMatch(tensor -> tensor.element_size() == 4);
            assertThat(adapted.parameters().all().values()).allMatch(tensor -> tensor.element_size() == 4);
            frozen.parameters().all().forEach((name, tensor) -> assertThat(tensor.element_size())
                    .as(name)
                    .isEqualTo(name.contains("_proj") ? 2 : 4));
        }
    }

    @Test
    void another_dtype_has_another_fingerprint() {
        try (TorchPolicy exact = Opened.policy(BASE, 1);
                TorchPolicy rounded = Opened.policy(ROUNDED, 1)) {
            assertThat(rounded.fingerprint()).isNotEqualTo(exact.fingerprint());
        }
    }
}
