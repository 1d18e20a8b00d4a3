package dpo.torch;

import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.sequence.TokenSequence;
import dpo.core.sequence.TokenSequence.Span;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.tensor.TorchDevice;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A small random checkpoint in the test resources, made by {@code make_variants.py}, with the results of transformers
 * in float64.
 *
 * @param name name of its folder
 */
public record Variant(String name) {

    private static final JsonNode GOLDEN = golden();

    /** One backend for all policies, as in a program. */
    private static final TorchBackend BACKEND = new TorchBackend();

    /** All variants. */
    static List<Variant> all() {
        return GOLDEN.get("variants").propertyNames().stream().map(Variant::new).toList();
    }

    /** Token sequences for all variants, some with shared prefixes. */
    static List<TokenSequence> sequences() {
        List<TokenSequence> sequences = new ArrayList<>();
        for (JsonNode ids : GOLDEN.get("sequences")) {
            int[] tokens =
                    IntStream.range(0, ids.size()).map(i -> ids.get(i).asInt()).toArray();
            sequences.add(new TokenSequence(tokens, List.of(new Span(1, tokens.length))));
        }
        return sequences;
    }

    Path folder() {
        return resource("/variants/" + name);
    }

    /** Log-probabilities of the sequences' scored tokens. */
    double[][] logProbs() {
        JsonNode rows = GOLDEN.get("variants").get(name).get("log_probs");
        return IntStream.range(0, rows.size())
                .mapToObj(row -> IntStream.range(0, rows.get(row).size())
                        .mapToDouble(i -> rows.get(row).get(i).asDouble())
                        .toArray())
                .toArray(double[][]::new);
    }

    /** By parameter: norm and sum of the gradient of the log-probs' sum with weights sin(i). */
    JsonNode gradients() {
        return GOLDEN.get("variants").get(name).get("gradient_norm_and_sum");
    }

    TorchPolicy read(int threads) {
        return read(new TorchDevice("cpu"), threads);
    }

    TorchPolicy read(TorchDevice device, int threads) {
        return TorchPolicy.read(folder(), ComputeDevice.configure(device, threads));
    }

    Policy open() {
        return BACKEND.open(TorchModel.at(folder()), new Execution("cpu", 2), 0);
    }

    @Override
    public String toString() {
        return name;
    }

    private static Path resource(String name) {
        try {
            return Path.of(
                    Objects.requireNonNull(Variant.class.getResource(name)).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode golden() {
        try {
            return JsonMapper.builder().build().readTree(Files.readString(resource("/variants/golden.json")));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
