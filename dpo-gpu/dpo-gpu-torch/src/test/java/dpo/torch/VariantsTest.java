package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.ForwardPass;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.TokenSequence.Span;
import dpo.core.sequence.TokenSequence;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Checkpoints of unlike shapes against transformers in float64: tied and untied heads, one to four key-value heads,
 * biases, a head size of its own, scaled rotary positions, shards, float16 and bfloat16; made by {@code
 * make_variants.py}. With one thread and with two, which compute products in different ways.
 */
class VariantsTest {

    private static final JsonNode GOLDEN = read();

    @ParameterizedTest
    @CsvSource({"untied_biases_sharded, 1", "untied_biases_sharded, 2", "tied_linear_bf16, 1", "tied_linear_bf16, 2",
        "untied_llama3_f16, 1", "untied_llama3_f16, 2"})
    void log_probs_are_those_of_transformers(String variant, int threads) {
        try (TorchPolicy policy = open(variant, threads)) {
            TokenLogProbs logProbs = policy.logProbs(sequences());
            JsonNode expected = GOLDEN.get("variants").get(variant).get("log_probs");
            for (int row = 0; row < expected.size(); row++) {
                for (int i = 0; i < expected.get(row).size(); i++) {
                    assertThat(logProbs.row(row)[i]).isCloseTo(expected.get(row).get(i).asDouble(), within(2e-5));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"untied_biases_sharded, 1", "untied_biases_sharded, 2", "tied_linear_bf16, 1", "tied_linear_bf16, 2",
        "untied_llama3_f16, 1", "untied_llama3_f16, 2"})
    void the_gradient_of_every_parameter_is_that_of_transformers(String variant, int threads) {
        try (TorchPolicy policy = open(variant, threads);
                ForwardPass pass = policy.forward(sequences())) {
            double[] weights = new double[pass.logProbs().shape().tokens()];
            Arrays.setAll(weights, Math::sin);
            pass.backward(TokenGradient.of(pass.logProbs().shape(), weights));
            JsonNode expected = GOLDEN.get("variants").get(variant).get("gradient_norm_and_sum");
            assertThat(policy.parameters().all()).hasSize(expected.size());
            expected.properties().forEach(parameter -> {
                double[] gradient = Tensors.toDoubles(policy.parameters().get(parameter.getKey()).grad());
                double norm = parameter.getValue().get(0).asDouble();
                assertThat(Math.sqrt(Arrays.stream(gradient).map(g -> g * g).sum()))
                        .as("norm of " + parameter.getKey())
                        .isCloseTo(norm, within(2e-5 * norm));
                assertThat(Arrays.stream(gradient).sum())
                        .as("sum of " + parameter.getKey())
                        .isCloseTo(parameter.getValue().get(1).asDouble(), within(2e-5 * norm * gradient.length));
            });
        }
    }

    private static TorchPolicy open(String variant, int threads) {
        try {
            URL folder = Objects.requireNonNull(VariantsTest.class.getResource("/variants/" + variant));
            return TorchPolicy.read(Path.of(folder.toURI()), Machine.configure(new TorchDevice("cpu"), threads));
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<TokenSequence> sequences() {
        List<TokenSequence> sequences = new ArrayList<>();
        for (JsonNode ids : GOLDEN.get("sequences")) {
            int[] tokens = IntStream.range(0, ids.size()).map(i -> ids.get(i).asInt()).toArray();
            sequences.add(new TokenSequence(tokens, List.of(new Span(1, tokens.length))));
        }
        return sequences;
    }

    private static JsonNode read() {
        try (InputStream in = VariantsTest.class.getResourceAsStream("/variants/golden.json")) {
            return JsonMapper.builder().build().readTree(Objects.requireNonNull(in));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
