package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.ForwardPass;
import dpo.core.backend.Policy;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.lora.LoraAdapter;
import dpo.torch.model.BaseModel;
import dpo.torch.model.FrozenModels;
import dpo.torch.tensor.Precision;
import dpo.torch.tensor.Tensors;
import dpo.torch.tensor.TorchDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Results and training of low-rank adapters. */
@SuppressWarnings("try") // pointer scopes are only opened and closed
class LoraAdapterIT {

    private static final List<TokenSequence> ROWS =
            new PreferenceBatch(GoldenLlama.pairs().subList(0, 3)).sequences();
    private static final TorchModel BASE = TorchModel.at(GoldenLlama.folder());

    static List<Variant> variants() {
        return Variant.all();
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void a_new_adapter_changes_no_bit_of_a_result(Precision precision) {
        TorchModel model = BASE.with(precision);
        try (TorchPolicy base = Opened.policy(model, 2);
                TorchPolicy adapted = Opened.policy(model.with(Opened.lora(4, 8, 0)), 2)) {
            double[] expected = base.logProbs(ROWS).toArray();
            assertThat(adapted.logProbs(ROWS).toArray()).isEqualTo(expected);
            try (ForwardPass pass = adapted.forward(ROWS)) {
                assertThat(pass.logProbs().toArray()).isEqualTo(expected);
            }
            Opened.train(adapted, ROWS, 1);
            assertThat(adapted.logProbs(ROWS).toArray()).isNotEqualTo(expected);
        }
    }

    @Test
    void a_new_adapter_has_uniform_A_and_zero_B_that_follow_from_the_seed() {
        TorchModel model = BASE.with(Opened.lora(4, 8, 0));
        try (TorchPolicy one = Opened.policy(model, 2, 1, new FrozenModels());
                TorchPolicy same = Opened.policy(model, 2, 1, new FrozenModels());
                TorchPolicy other = Opened.policy(model, 2, 2, new FrozenModels())) {
            assertThat(same.parameters().sha256("")).isEqualTo(one.parameters().sha256(""));
            assertThat(other.parameters().sha256(""))
                    .isNotEqualTo(one.parameters().sha256(""));
            one.parameters().all().forEach((name, tensor) -> {
                double bound = name.endsWith("lora_B.weight")
                        ? 0
                        : 1 / Math.sqrt(one.parameters().shapes().get(name).get(1));
                double[] values = Tensors.toDoubles(tensor);
                assertThat(Arrays.stream(values).map(Math::abs).max().orElseThrow())
                        .as(name)
                        .isBetween(0.9 * bound, bound);
                assertThat(Arrays.stream(values).average().orElseThrow())
                        .as(name)
                        .isCloseTo(0, within(0.2 * bound));
            });
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void the_gradient_of_an_adapter_is_the_slope_along_a_random_direction_in_every_family(Variant variant) {
        TorchModel model = TorchModel.at(variant.folder()).with(Opened.lora(2, 3, 0));
        try (TorchPolicy policy = Opened.policy(model, 2)) {
            fill(policy, 0.2);
            Map<String, double[]> gradients = Opened.gradients(policy, Variant.sequences());
            gradients.forEach((name, gradient) -> {
                // Along the gradient itself the slope is the norm, far above rounding errors; a random part is added.
                double norm = Math.sqrt(Arrays.stream(gradient).map(g -> g * g).sum());
                double[] direction = new double[gradient.length];
                RandomGenerator random = new RandomStreams(11).stream(name);
                Arrays.setAll(direction, i -> gradient[i] / norm + random.nextGaussian() / Math.sqrt(gradient.length));
                double slope = 0;
                for (int i = 0; i < gradient.length; i++) {
                    slope += gradient[i] * direction[i];
                }
                double step = 1e-3;
                double difference =
                        (moved(policy, name, direction, step) - moved(policy, name, direction, -step)) / (2 * step);
                assertThat(difference).as(name).isCloseTo(slope, within(0.02 * norm + 0.02));
            });
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void every_matrix_of_an_adapter_is_trained_and_the_frozen_model_keeps_its_bits(Variant variant) {
        FrozenModels frozen = new FrozenModels();
        TorchModel model = TorchModel.at(variant.folder()).with(Opened.lora(2, 4, 0.1));
        try (TorchPolicy policy = Opened.policy(model, 2, 1, frozen);
                TorchPolicy untouched = Opened.policy(model, 2, 1, frozen);
                TorchPolicy alone = Opened.policy(TorchModel.at(variant.folder()), 2)) {
            Map<String, double[]> before = values(policy);
            Opened.train(policy, Variant.sequences(), 2);
            values(policy).forEach((name, after) -> assertThat(after).as(name).isNotEqualTo(before.get(name)));
            assertThat(untouched.logProbs(Variant.sequences()).toArray())
                    .isEqualTo(alone.logProbs(Variant.sequences()).toArray())
                    .isNotEqualTo(policy.logProbs(Variant.sequences()).toArray());
        }
    }

    @Test
    void the_scale_is_alpha_over_the_rank_or_over_its_root() {
        double[] plain = filled(Opened.lora(4, 8, 0));
        assertThat(filled(Opened.lora(4, 4, 0, true, LoraAdapter.ALL))).isEqualTo(plain);
        assertThat(filled(Opened.lora(4, 4, 0))).isNotEqualTo(plain);
        assertThat(filled(Opened.lora(4, 8, 0, true, LoraAdapter.ALL))).isNotEqualTo(plain);
        assertThat(Opened.lora(16, 8, 0).shape().scale()).isEqualTo(0.5);
        assertThat(Opened.lora(16, 8, 0, true, LoraAdapter.ALL).shape().scale()).isEqualTo(2);
    }

    @Test
    void only_the_targets_have_an_adapter() {
        try (TorchPolicy policy = Opened.policy(BASE.with(Opened.lora(4, 8, 0, false, "q_proj", "mlp.up_proj")), 1)) {
            assertThat(policy.parameters().all().keySet())
                    .allMatch(
                            name -> name.matches(
                                    "base_model\\.model\\.model\\.layers\\.[012]\\.(self_attn\\.q_proj|mlp\\.up_proj)\\.lora_[AB]\\.weight"))
                    .hasSize(12);
        }
    }

    @Test
    void the_fingerprint_of_a_new_adapter_equals_that_of_its_model_for_every_rank() {
        try (Policy base = Opened.policy(BASE, 1);
                Policy fresh = Opened.policy(BASE.with(Opened.lora(4, 8, 0)), 1);
                Policy wider = Opened.policy(BASE.with(Opened.lora(8, 8, 0.5)), 1)) {
            assertThat(fresh.fingerprint()).isEqualTo(base.fingerprint()).isEqualTo(wider.fingerprint());
        }
    }

    /** Also if B = 0, since A, rank, scale and dropout affect training. */
    @Test
    void the_fingerprint_of_a_read_adapter_depends_on_its_matrices_and_settings(@TempDir Path folder)
            throws IOException {
        Path other = folder.resolve("other");
        Files.createDirectories(other);
        Files.copy(
                GoldenLlama.adapter().resolve("adapter_model.safetensors"), other.resolve("adapter_model.safetensors"));
        Files.writeString(
                other.resolve("adapter_config.json"),
                Files.readString(GoldenLlama.adapter().resolve("adapter_config.json"))
                        .replace("\"lora_alpha\": 8", "\"lora_alpha\": 16"));
        try (Policy base = Opened.policy(BASE, 1);
                Policy read = Opened.policy(BASE.with(LoraAdapter.at(GoldenLlama.adapter())), 1);
                Policy again = Opened.policy(BASE.with(LoraAdapter.at(GoldenLlama.adapter())), 1);
                Policy scaled = Opened.policy(BASE.with(LoraAdapter.at(other)), 1)) {
            assertThat(read.fingerprint()).isNotEqualTo(base.fingerprint()).isEqualTo(again.fingerprint());
            assertThat(scaled.fingerprint()).isNotEqualTo(read.fingerprint()).isNotEqualTo(base.fingerprint());
        }
    }

    @Test
    void all_policies_share_a_frozen_model_and_the_last_one_releases_it() {
        FrozenModels frozen = new FrozenModels();
        AtomicInteger opened = new AtomicInteger();
        BaseModel held;
        try (BaseModel model =
                BaseModel.read(GoldenLlama.folder(), ComputeDevice.configure(new TorchDevice("cpu"), 1), true)) {
            FrozenModels.Lease first = frozen.lease("key", () -> counted(opened, model));
            FrozenModels.Lease second = frozen.lease("key", () -> counted(opened, model));
            held = first.model();
            assertThat(second.model()).isSameAs(held);
            assertThat(opened).hasValue(1);
            first.release().run();
            assertThat(held.parameters().all()).isNotEmpty();
            second.release().run();
            assertThat(held.parameters().all()).isEmpty();
        }
        assertThat(frozen.lease("key", () -> counted(opened, held)).model()).isSameAs(held);
        assertThat(opened).hasValue(2);
    }

    private static BaseModel counted(AtomicInteger opened, BaseModel model) {
        opened.incrementAndGet();
        return model;
    }

    /** A cell may close its policy twice; the second time must not release a model that another cell uses. */
    @Test
    void closing_a_policy_twice_does_not_close_the_model_of_others() {
        FrozenModels frozen = new FrozenModels();
        TorchModel model = BASE.with(Opened.lora(4, 8, 0));
        try (TorchPolicy other = Opened.policy(model, 1, 1, frozen)) {
            double[] before = other.logProbs(ROWS).toArray();
            TorchPolicy policy = Opened.policy(model, 1, 1, frozen);
            policy.close();
            policy.close();
            assertThat(other.logProbs(ROWS).toArray()).isEqualTo(before);
        }
    }

    private static double[] filled(LoraAdapter adapter) {
        try (TorchPolicy policy = Opened.policy(BASE.with(adapter), 1)) {
            fill(policy, 0.1);
            return policy.logProbs(ROWS).toArray();
        }
    }

    /** Overwrites A and B with normal numbers. */
    private static void fill(TorchPolicy policy, double deviation) {
        policy.parameters().all().forEach((name, tensor) -> {
            RandomGenerator random = new RandomStreams(3).stream(name);
            float[] values = new float[Math.toIntExact(tensor.numel())];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (deviation * random.nextGaussian());
            }
            try (PointerScope scope = new PointerScope()) {
                tensor.detach().view(-1).copy_(Tensor.create(values));
            }
        });
    }

    private static double moved(TorchPolicy policy, String name, double[] direction, double step) {
        float[] values = new float[direction.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) direction[i];
        }
        try (PointerScope scope = new PointerScope()) {
            Tensor flat = policy.parameters().get(name).detach().view(-1);
            Tensor before = flat.clone();
            flat.add_(Tensor.create(values), new Scalar(step));
            double value = Opened.value(policy, Variant.sequences());
            flat.copy_(before);
            return value;
        }
    }

    private static Map<String, double[]> values(TorchPolicy policy) {
        Map<String, double[]> values = new LinkedHashMap<>();
        policy.parameters().all().forEach((name, tensor) -> values.put(name, Tensors.toDoubles(tensor)));
        return values;
    }
}
