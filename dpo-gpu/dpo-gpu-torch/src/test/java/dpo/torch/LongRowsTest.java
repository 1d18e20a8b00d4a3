package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.backend.ForwardPass;
import dpo.core.logprob.TokenGradient;
import dpo.core.sequence.TokenSequence;
import dpo.torch.tensor.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows so long that attention is tiled, with and without a shared prefix. */
class LongRowsTest {

    private static final int LENGTH = 1100;

    @TempDir
    Path folder;

    /** After 300 shared tokens the rest is tiled with a mask; of 1,000 shared tokens only the prefix is tiled. */
    @ParameterizedTest
    @CsvSource({
        "llama31, FLOAT32, 300, 1e-5", "llama31, FLOAT32, 1000, 1e-5", "mistral, FLOAT32, 300, 1e-5",
        "gemma2, FLOAT32, 300, 1e-5", "llama31, BFLOAT16, 300, 3e-2", "mistral, BFLOAT16, 1000, 3e-2"
    })
    void the_gradient_of_packed_rows_is_the_sum_of_the_gradients_of_single_rows(
            String variant, Precision precision, int shared, double tolerance) throws IOException {
        TokenSequence beginning = TokenSequence.of(ids(20), Arrays.copyOfRange(ids(shared), 20, shared));
        TokenSequence whole = TokenSequence.of(ids(shared), Arrays.copyOfRange(ids(LENGTH), shared, LENGTH));
        try (TorchPolicy policy = Opened.policy(model(variant).with(precision), 2)) {
            Map<String, double[]> packed = gradients(policy, List.of(beginning, whole));
            Map<String, double[]> first = gradients(policy, List.of(beginning));
            Map<String, double[]> second = gradients(policy, List.of(whole));
            double squares = 0;
            double squaresApart = 0;
            for (String name : packed.keySet()) {
                for (int i = 0; i < packed.get(name).length; i++) {
                    double sum = first.get(name)[i] + second.get(name)[i];
                    squares += sum * sum;
                    squaresApart += Math.pow(packed.get(name)[i] - sum, 2);
                }
            }
            assertThat(Math.sqrt(squaresApart / squares)).isLessThan(tolerance);
        }
    }

    @ParameterizedTest
    @CsvSource({"llama31, FLOAT32", "mistral, BFLOAT16"})
    void recomputed_layers_give_the_same_bits(String variant, Precision precision) throws IOException {
        List<TokenSequence> rows = List.of(
                TokenSequence.of(ids(300), Arrays.copyOfRange(ids(LENGTH), 300, LENGTH)),
                TokenSequence.of(ids(300), new int[] {1, 2, 3}));
        TorchModel model = model(variant).with(precision);
        try (TorchPolicy kept = Opened.policy(model, 2);
                TorchPolicy anew = Opened.policy(model.withCheckpointing(), 2)) {
            Map<String, double[]> gradients = gradients(kept, rows);
            gradients(anew, rows)
                    .forEach((name, gradient) -> assertThat(gradient).as(name).isEqualTo(gradients.get(name)));
        }
    }

    private static int[] ids(int length) {
        int[] ids = new int[length];
        Arrays.setAll(ids, i -> (i * i + 7 * i) % 37);
        return ids;
    }

    /** The gradient of the summed log-probabilities divided by a fixed number. */
    private static Map<String, double[]> gradients(TorchPolicy policy, List<TokenSequence> rows) {
        try (ForwardPass pass = policy.forward(rows)) {
            double[] weights = new double[pass.logProbs().shape().tokens()];
            Arrays.fill(weights, 1e-3);
            pass.backward(TokenGradient.of(pass.logProbs().shape(), weights));
        }
        return Opened.taken(policy);
    }

    /** A tiny model with a larger maximal length. */
    private TorchModel model(String variant) throws IOException {
        Path model = Files.createDirectories(folder.resolve(variant));
        Path of = new Variant(variant).folder();
        Files.copy(of.resolve("model.safetensors"), model.resolve("model.safetensors"));
        Files.writeString(
                model.resolve("config.json"),
                Files.readString(of.resolve("config.json"))
                        .replace("\"max_position_embeddings\": 64", "\"max_position_embeddings\": 1200"));
        return TorchModel.at(model);
    }
}
