package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.Execution;
import dpo.core.backend.Optimizer;
import dpo.core.backend.ScalarModel;
import dpo.core.backend.ScalarModelContract;
import dpo.core.backend.ScalarPass;
import dpo.core.backend.ScalarSteps;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.TokenSequence;
import dpo.torch.lm.ScalarHead;
import dpo.torch.model.FreshModel;
import dpo.torch.tensor.Tensors;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("try") // pointer scopes are only opened and closed
class ScalarModelTest implements ScalarModelContract {

    private static final Execution CPU = new Execution("cpu", 2);
    private static final String UNTIED_HEAD = "lm_head.weight";

    /** One backend for all models, as in a program. */
    private final TorchBackend backend = new TorchBackend();

    @Override
    public ScalarModel open() {
        return fresh(false);
    }

    private TorchScalarModel fresh(boolean tied) {
        FreshModel model = new FreshModel(GoldenLlama.folder(), 40, 16, 24, 2, 4, 2, 32, tied, 0.3);
        return (TorchScalarModel) backend.openScalar(TorchModel.of(model), CPU, 1);
    }

    @Override
    public List<TokenSequence> sequences() {
        return List.of(
                TokenSequence.of(new int[] {4, 9}, new int[] {1, 2, 3, 3, 0}),
                TokenSequence.of(new int[] {4, 9}, new int[] {39}),
                TokenSequence.of(new int[] {5, 2, 8}, new int[] {1, 1}),
                TokenSequence.of(new int[] {4, 9, 1}, new int[] {2, 1, 7, 7, 7, 7}));
    }

    @Override
    public double tolerance() {
        return 1e-5;
    }

    @Test
    void the_gradient_of_each_parameter_is_the_slope_along_a_random_direction() {
        try (TorchScalarModel model = fresh(true)) {
            randomHead(model);
            Map<String, double[]> gradients = gradients(model);
            assertThat(gradients).containsKey("score.bias").containsKey("model.embed_tokens.weight");
            model.parameters().all().forEach((name, parameter) -> {
                double[] gradient = gradients.get(name);
                float[] direction = direction(gradient.length, name);
                double slope = 0;
                for (int i = 0; i < gradient.length; i++) {
                    slope += gradient[i] * direction[i];
                }
                double step = 0.02 / Math.sqrt(gradient.length);
                double difference =
                        (valueMoved(model, parameter, direction, step) - valueMoved(model, parameter, direction, -step))
                                / (2 * step);
                assertThat(difference).as(name).isCloseTo(slope, within(0.01 * Math.abs(slope) + 0.01));
            });
        }
    }

    @Test
    void the_lm_head_of_a_model_is_trained_only_if_it_is_the_embedding() {
        try (TorchScalarModel untied = fresh(false);
                TorchScalarModel tied = fresh(true)) {
            assertThat(untied.parameters().all()).doesNotContainKey(UNTIED_HEAD).hasSize(20 + 2);
            assertThat(tied.parameters().all())
                    .hasSize(untied.parameters().all().size());
        }
    }

    @Test
    void body_and_head_are_saved_in_separate_files_so_that_the_body_opens_as_a_language_model(@TempDir Path folder) {
        try (TorchScalarModel model = fresh(false);
                Optimizer optimizer = model.optimizer(Opened.SETTINGS)) {
            try (ScalarPass pass = model.forward(sequences())) {
                pass.backward(ScalarSteps.gradient(pass.values(), 0));
            }
            optimizer.step(0.1);
            model.save(folder);
            assertThat(folder.resolve(ScalarHead.FILE)).isRegularFile();
            try (TorchPolicy policy = Opened.policy(TorchModel.at(folder), 2)) {
                assertThat(policy.parameters().all()).containsKey(UNTIED_HEAD);
                assertThat(Tensors.toDoubles(policy.parameters().get("model.norm.weight")))
                        .containsExactly(Tensors.toDoubles(model.parameters().get("model.norm.weight")));
            }
        }
    }

    private static void randomHead(TorchScalarModel model) {
        try (PointerScope scope = new PointerScope()) {
            Tensor weight = model.parameters().get("score.weight");
            weight.detach().view(-1).add_(Tensor.create(direction(16, "head")), new Scalar(0.5));
        }
    }

    private Map<String, double[]> gradients(TorchScalarModel model) {
        try (ScalarPass pass = model.forward(sequences())) {
            pass.backward(ScalarSteps.gradient(pass.values(), 0));
        }
        Map<String, double[]> gradients = new LinkedHashMap<>();
        model.parameters().all().forEach((name, parameter) -> gradients.put(name, Tensors.toDoubles(parameter.grad())));
        return gradients;
    }

    private double valueMoved(TorchScalarModel model, Tensor parameter, float[] direction, double step) {
        move(parameter, direction, step);
        double value = ScalarSteps.value(model.values(sequences()));
        move(parameter, direction, -step);
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
}
