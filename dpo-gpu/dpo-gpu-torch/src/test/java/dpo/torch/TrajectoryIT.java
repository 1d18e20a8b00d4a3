package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dpo.core.backend.AdamW;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Reduction;
import dpo.core.loss.composed.WeightedSum;
import dpo.core.loss.pairwise.IpoLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.loss.referencefree.SftLoss;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.torch.lora.LoraAdapter;
import dpo.torch.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Training runs step by step against TRL's DPOTrainer in float32, data in file order. */
class TrajectoryIT {

    private static final double FIRST_STEPS_PERCENT = 0.01;
    private static final double LATER_STEPS_PERCENT = 0.2;
    private static final double NORM_PERCENT = 1;

    private static final double PARAMETER_PERCENT = 0.1;

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2"})
    void sigmoid_at_constant_rate_follows_trl(String family) {
        follow(family, "sigmoid_constant", new SigmoidLoss(0.1, 0), step -> 1e-3, new Plan(4, 1, 0, 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2"})
    void ipo_with_warm_up_decay_and_two_micro_batches_follows_trl(String family) {
        follow(
                family,
                "ipo_linear_warmup_accumulate2",
                new IpoLoss(0.2, Reduction.MEAN),
                step -> 5e-4 * (step < 2 ? step / 2.0 : (12 - step) / 10.0),
                new Plan(2, 2, 0.01, 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2"})
    void sigmoid_with_sft_on_a_cosine_follows_trl(String family) {
        PreferenceLoss loss = new WeightedSum(List.of(
                new WeightedSum.Term("sigmoid", 1, new SigmoidLoss(0.5, 0)),
                new WeightedSum.Term("sft", 0.5, new SftLoss(SftLoss.Average.TOKEN_MEAN))));
        follow(
                family,
                "sigmoid_sft_cosine",
                loss,
                step -> 1e-3 * 0.5 * (1 + Math.cos(Math.PI * step / 12)),
                new Plan(8, 1, 0, 0.5));
    }

    /** The reference is the model without the adapter, which equals the initial policy. */
    @Test
    void an_adapter_initialized_by_peft_follows_trl() {
        follow(
                GoldenLlama.golden(),
                "lora_sigmoid",
                new SigmoidLoss(0.1, 0),
                step -> 5e-3,
                new Plan(4, 1, 0, 1),
                TorchModel.at(GoldenLlama.folder()).with(LoraAdapter.at(GoldenLlama.adapter())));
    }

    private record Plan(int microBatch, int accumulate, double weightDecay, double maxGradNorm) {}

    private static void follow(String family, String run, PreferenceLoss loss, IntToDoubleFunction rate, Plan plan) {
        Golden checkpoint = family.equals("llama") ? GoldenLlama.golden() : Golden.shared(family);
        follow(checkpoint, run, loss, rate, plan, TorchModel.at(checkpoint.folder()));
    }

    private static void follow(
            Golden checkpoint, String run, PreferenceLoss loss, IntToDoubleFunction rate, Plan plan, TorchModel model) {
        JsonNode golden = checkpoint.run(run);
        List<Preference> pairs = checkpoint.pairs();
        AdamW settings = new AdamW(1e-3, List.of(0.9, 0.999), 1e-8, plan.weightDecay(), plan.maxGradNorm());
        try (TorchPolicy policy = Opened.policy(model, 2);
                Optimizer optimizer = policy.optimizer(settings)) {
            List<TokenLogProbs> reference = new ArrayList<>();
            pairs.forEach(pair -> reference.add(policy.logProbs(List.of(pair.chosen(), pair.rejected()))));
            int batch = plan.microBatch() * plan.accumulate();
            for (int step = 0; step < golden.get("steps").size(); step++) {
                JsonNode expected = golden.get("steps").get(step);
                int from = step * batch % pairs.size();
                double value = 0;
                for (int micro = from; micro < from + batch; micro += plan.microBatch()) {
                    value += accumulate(policy, pairs, reference, loss, micro, plan) / plan.accumulate();
                }
                double percent = step < 4 ? FIRST_STEPS_PERCENT : LATER_STEPS_PERCENT;
                assertThat(value)
                        .as("loss of step " + step)
                        .isCloseTo(expected.get("loss").asDouble(), withinPercentage(percent));
                assertThat(rate.applyAsDouble(step))
                        .as("rate of step " + step)
                        .isCloseTo(expected.get("learning_rate").asDouble(), withinPercentage(1e-6));
                assertThat(optimizer.step(rate.applyAsDouble(step)))
                        .as("norm of step " + step)
                        .isCloseTo(expected.get("grad_norm").asDouble(), withinPercentage(NORM_PERCENT));
            }
            assertParameters(policy, golden.get("final_parameters_norm_and_sum"));
        }
    }

    /** TRL averages over micro-batches: each is normalized separately, and its gradient divided by their number. */
    private static double accumulate(
            TorchPolicy policy,
            List<Preference> pairs,
            List<TokenLogProbs> reference,
            PreferenceLoss loss,
            int from,
            Plan plan) {
        PreferenceBatch batch = new PreferenceBatch(pairs.subList(from, from + plan.microBatch()));
        double[][] rows = new double[2 * batch.size()][];
        for (int i = 0; i < batch.size(); i++) {
            rows[2 * i] = reference.get(from + i).row(0);
            rows[2 * i + 1] = reference.get(from + i).row(1);
        }
        try (ForwardPass pass = policy.forward(batch.sequences())) {
            PreferenceLogProbs logProbs =
                    new PreferenceLogProbs(pass.logProbs(), TokenLogProbs.ofRows(rows), Labels.of(batch.labels()));
            LossEvaluation evaluation = loss.evaluate(logProbs, Normalizer.of(logProbs));
            pass.backward(evaluation.gradient().times(1.0 / plan.accumulate()));
            return evaluation.value();
        }
    }

    private static void assertParameters(TorchPolicy policy, JsonNode expected) {
        assertThat(policy.parameters().all()).hasSize(expected.size());
        expected.properties().forEach(parameter -> {
            // PEFT's name of the adapter is in the names of its tensors, but not in those of the file.
            double[] values =
                    Tensors.toDoubles(policy.parameters().get(parameter.getKey().replace(".default", "")));
            double norm = 0;
            for (double value : values) {
                norm += value * value;
            }
            assertThat(Math.sqrt(norm))
                    .as(parameter.getKey())
                    .isCloseTo(parameter.getValue().get(0).asDouble(), withinPercentage(PARAMETER_PERCENT));
        });
    }
}
