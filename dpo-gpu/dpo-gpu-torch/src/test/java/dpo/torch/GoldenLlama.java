package dpo.torch;

import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The small random Llama checkpoint of the test resources, and what transformers 5.23.0 and TRL 1.16.0 (torch 2.10.0,
 * CPU) computed with it: token log-probabilities in float64 and training runs in float32.
 */
final class GoldenLlama {

    private static final JsonNode GOLDEN = read();

    private GoldenLlama() {}

    static Path folder() {
        try {
            return Path.of(Objects.requireNonNull(GoldenLlama.class.getResource("/llama")).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The 48 pairs in file order. */
    static List<Preference> pairs() {
        List<Preference> pairs = new ArrayList<>();
        for (JsonNode row : GOLDEN.get("tokens")) {
            int[] prompt = ints(row.get("prompt_ids"));
            pairs.add(Preference.pair("row " + pairs.size(),
                    TokenSequence.of(prompt, ints(row.get("chosen_ids"))),
                    TokenSequence.of(prompt, ints(row.get("rejected_ids")))));
        }
        return pairs;
    }

    /** Log-probability of each token of a side's completions, {@code [pair][token]}; the side is chosen or rejected. */
    static double[][] tokenLogProbs(String side) {
        return StreamSupport.stream(GOLDEN.get("token_log_probs_float64").spliterator(), false)
                .map(row -> StreamSupport.stream(row.get(side).spliterator(), false)
                        .mapToDouble(JsonNode::asDouble)
                        .toArray())
                .toArray(double[][]::new);
    }

    /** A training run of TRL's: {@code config}, {@code steps}, {@code final_parameters_norm_and_sum}. */
    static JsonNode run(String name) {
        return GOLDEN.get("runs").get(name);
    }

    private static int[] ints(JsonNode array) {
        return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
    }

    private static JsonNode read() {
        try (InputStream in = GoldenLlama.class.getResourceAsStream("/llama-golden.json")) {
            return JsonMapper.builder().build().readTree(Objects.requireNonNull(in));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
