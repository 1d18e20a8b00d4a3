package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.backend.ForwardPass;
import dpo.core.sequence.TokenSequence;
import dpo.torch.tensor.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers that are recomputed in the backward pass give the same bits. */
class GradientCheckpointingIT {

    private static final List<TokenSequence> ROWS = Variant.sequences();

    static List<Arguments> models() {
        List<Arguments> models = new ArrayList<>();
        for (Variant variant : Variant.all()) {
            TorchModel model = TorchModel.at(variant.folder());
            models.add(Arguments.of(variant, model));
            models.add(Arguments.of(variant, model.with(Opened.lora(2, 4, 0.2))));
            models.add(Arguments.of(variant, model.with(Precision.BFLOAT16)));
        }
        models.add(Arguments.of(
                new Variant("gpt2"),
                TorchModel.at(new Variant("gpt2").folder())
                        .with(Precision.BFLOAT16)
                        .with(Opened.lora(2, 4, 0.2))));
        return models;
    }

    @ParameterizedTest(name = "{0} {index}")
    @MethodSource("models")
    void log_probs_gradients_and_trained_weights_have_the_same_bits(Variant variant, TorchModel model) {
        try (TorchPolicy saved = Opened.policy(model, 2);
                TorchPolicy recomputed = Opened.policy(model.withCheckpointing(), 2)) {
            assertThat(recomputed.fingerprint()).isEqualTo(saved.fingerprint());
            for (int step = 0; step < 2; step++) {
                assertThat(forward(recomputed)).isEqualTo(forward(saved));
                Map<String, double[]> gradients = Opened.gradients(saved, ROWS);
                Opened.gradients(recomputed, ROWS)
                        .forEach((name, gradient) ->
                                assertThat(gradient).as(name).isEqualTo(gradients.get(name)));
                Opened.train(saved, ROWS, 1);
                Opened.train(recomputed, ROWS, 1);
                assertThat(recomputed.parameters().sha256(""))
                        .isEqualTo(saved.parameters().sha256(""));
            }
            assertThat(recomputed.logProbs(ROWS).toArray())
                    .isEqualTo(saved.logProbs(ROWS).toArray());
        }
    }

    private static double[] forward(TorchPolicy policy) {
        try (ForwardPass pass = policy.forward(ROWS)) {
            return pass.logProbs().toArray();
        }
    }
}
