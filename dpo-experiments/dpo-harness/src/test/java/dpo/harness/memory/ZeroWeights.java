package dpo.harness.memory;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A checkpoint of SmolLM2-135M without content. */
final class ZeroWeights {

    private ZeroWeights() {}

    /** Weights of the architecture in float32, all zero: a header and a hole in the file system. */
    static void write(Path file) throws IOException {
        Map<String, List<Integer>> shapes = new TreeMap<>();
        shapes.put("model.embed_tokens.weight", List.of(49152, 576));
        shapes.put("model.norm.weight", List.of(576));
        for (int layer = 0; layer < 30; layer++) {
            String name = "model.layers." + layer + ".";
            List.of("input_layernorm", "post_attention_layernorm")
                    .forEach(norm -> shapes.put(name + norm + ".weight", List.of(576)));
            List.of("q", "o")
                    .forEach(wide -> shapes.put(name + "self_attn." + wide + "_proj.weight", List.of(576, 576)));
            List.of("k", "v")
                    .forEach(slim -> shapes.put(name + "self_attn." + slim + "_proj.weight", List.of(192, 576)));
            List.of("gate", "up")
                    .forEach(into -> shapes.put(name + "mlp." + into + "_proj.weight", List.of(1536, 576)));
            shapes.put(name + "mlp.down_proj.weight", List.of(576, 1536));
        }
        List<String> entries = new ArrayList<>();
        long end = 0;
        for (Map.Entry<String, List<Integer>> each : shapes.entrySet()) {
            long begin = end;
            end += 4 * each.getValue().stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
            entries.add("\"%s\": {\"dtype\": \"F32\", \"shape\": %s, \"data_offsets\": [%d, %d]}"
                    .formatted(each.getKey(), each.getValue(), begin, end));
        }
        byte[] header = ("{" + String.join(", ", entries) + "}").getBytes(StandardCharsets.UTF_8);
        try (RandomAccessFile weights = new RandomAccessFile(file.toFile(), "rw")) {
            weights.writeLong(Long.reverseBytes(header.length));
            weights.write(header);
            weights.setLength(Long.BYTES + header.length + end);
        }
    }
}
