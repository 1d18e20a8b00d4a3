package dpo.torch;

import static org.assertj.core.api.Assumptions.assumeThat;

import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A small random checkpoint with results of transformers 5.23.0 and TRL 1.16.0 (torch 2.10.0, CPU): token
 * log-probabilities in float64 and training runs in float32.
 *
 * @param folder the checkpoint
 * @param json what was computed
 */
public record Golden(Path folder, JsonNode json) {

    /** The checkpoint and the results in these files. */
    static Golden read(Path folder, Path numbers) {
        try {
            return new Golden(folder, JsonMapper.builder().build().readTree(Files.readString(numbers)));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * A checkpoint of the shared data, in the folder of the system property {@code dpo.shared}, else in {@code shared}
     * next to a parent folder; without one the test is skipped.
     */
    static Golden shared(String name) {
        Path shared = Path.of(System.getProperty("dpo.shared", ""));
        for (Path above = Path.of("").toAbsolutePath();
                shared.toString().isEmpty() && above != null;
                above = above.getParent()) {
            if (Files.isDirectory(above.resolve("shared"))) {
                shared = above.resolve("shared");
            }
        }
        Path folder = shared.resolve("golden/tiny").resolve(name);
        assumeThat(folder)
                .as("needs golden/tiny/" + name + " of the shared data (-Ddpo.shared=FOLDER)")
                .exists();
        return read(folder.resolve("model"), folder.resolve("golden.json"));
    }

    /** The 48 pairs in file order. */
    List<Preference> pairs() {
        List<Preference> pairs = new ArrayList<>();
        for (JsonNode row : json.get("tokens")) {
            int[] prompt = ints(row.get("prompt_ids"));
            pairs.add(Preference.pair(
                    "row " + pairs.size(),
                    TokenSequence.of(prompt, ints(row.get("chosen_ids"))),
                    TokenSequence.of(prompt, ints(row.get("rejected_ids")))));
        }
        return pairs;
    }

    /** Log-probability of each token of a side's completions, {@code [pair][token]}; the side is chosen or rejected. */
    double[][] tokenLogProbs(String side) {
        return StreamSupport.stream(json.get("token_log_probs_float64").spliterator(), false)
                .map(row -> StreamSupport.stream(row.get(side).spliterator(), false)
                        .mapToDouble(JsonNode::asDouble)
                        .toArray())
                .toArray(double[][]::new);
    }

    /** A training run of TRL's: {@code config}, {@code steps}, {@code final_parameters_norm_and_sum}. */
    JsonNode run(String name) {
        return json.get("runs").get(name);
    }

    private static int[] ints(JsonNode array) {
        return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
    }
}
