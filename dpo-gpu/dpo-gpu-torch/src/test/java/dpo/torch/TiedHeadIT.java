package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.Policy;
import dpo.core.sequence.TokenSequence;
import dpo.torch.checkpoint.Checkpoint;
import dpo.torch.checkpoint.JsonFile;
import dpo.torch.checkpoint.SafetensorsFile;
import dpo.torch.checkpoint.SafetensorsWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

/** Whether {@code tie_word_embeddings} ties head and embedding depends on the files, as in transformers. */
class TiedHeadIT {

    private static final List<TokenSequence> ROWS = Variant.sequences();

    private static final String LOAD = """
            model = transformers.AutoModelForCausalLM.from_pretrained(
                folder, attn_implementation="eager", dtype=torch.float32)
            """;

    @TempDir
    private Path folder;

    static List<Variant> variants() {
        return Variant.all();
    }

    @ParameterizedTest
    @MethodSource("variants")
    void a_head_that_differs_from_the_embedding_is_not_tied_to_it_and_a_notice_is_given(Variant variant)
            throws IOException {
        Parts parts = Parts.of(variant, folder.resolve("plain"));
        Path tied = parts.with(parts.other()).write(folder.resolve("tied"), true);
        Path untied = parts.with(parts.other()).write(folder.resolve("untied"), false);
        try (Policy policy = open(tied);
                Policy separate = open(untied)) {
            assertThat(policy.logProbs(ROWS).toArray())
                    .isEqualTo(separate.logProbs(ROWS).toArray());
            assertThat(policy.fingerprint()).isEqualTo(separate.fingerprint());
            assertThat(separate.notices()).isEmpty();
            assertThat(policy.notices())
                    .singleElement()
                    .asString()
                    .contains("tie_word_embeddings", parts.head(), parts.embedding(), tied.toString());
            Opened.train(policy, ROWS, 2);
            policy.save(folder.resolve("saved"));
            try (Policy saved = open(folder.resolve("saved"))) {
                assertThat(saved.logProbs(ROWS).toArray())
                        .isEqualTo(policy.logProbs(ROWS).toArray());
                assertThat(saved.notices()).isEmpty();
            }
            separate.restore(folder.resolve("saved"));
            assertThat(separate.logProbs(ROWS).toArray())
                    .isEqualTo(policy.logProbs(ROWS).toArray());
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void equal_matrices_are_tied_and_a_missing_one_is_replaced_by_the_other(Variant variant) throws IOException {
        Parts parts = Parts.of(variant, folder.resolve("plain"));
        Path one = parts.write(folder.resolve("one"), true);
        Path both = parts.with(parts.tensors().get(parts.embedding())).write(folder.resolve("both"), true);
        Parts swapped = parts.with(parts.tensors().get(parts.embedding()));
        swapped.tensors().remove(parts.embedding());
        Path headAlone = swapped.write(folder.resolve("head alone"), true);
        try (TorchPolicy policy = open(one)) {
            for (Path other : List.of(both, headAlone)) {
                try (TorchPolicy equal = open(other)) {
                    assertThat(equal.fingerprint()).isEqualTo(policy.fingerprint());
                    assertThat(equal.parameters().shapes())
                            .isEqualTo(policy.parameters().shapes());
                    assertThat(equal.notices()).isEmpty();
                }
            }
        }
        parts.write(folder.resolve("none"), false);
        assertThatThrownBy(() -> open(folder.resolve("none")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(parts.head() + " is missing");
    }

    @ParameterizedTest
    @MethodSource("variants")
    void an_adapter_and_its_merged_model_have_the_head_of_the_files(Variant variant) throws IOException {
        Parts parts = Parts.of(variant, folder.resolve("plain"));
        Path tied = parts.with(parts.other()).write(folder.resolve("tied"), true);
        try (TorchPolicy policy = Opened.policy(TorchModel.at(tied).with(Opened.lora(2, 4, 0)), 2)) {
            assertThat(policy.notices()).hasSize(1);
            Opened.train(policy, ROWS, 2);
            policy.saveModel(folder.resolve("merged"));
            try (Policy merged = open(folder.resolve("merged"))) {
                assertThat(merged.logProbs(ROWS).toArray())
                        .containsExactly(policy.logProbs(ROWS).toArray(), within(2e-5));
                assertThat(merged.notices()).isEmpty();
            }
        }
    }

    @Test
    void a_head_of_another_shape_and_a_parameter_stored_twice_are_refused() throws IOException {
        Parts neox = Parts.of(new Variant("neox"), folder.resolve("plain"));
        Parts twice = neox.with(neox.other());
        twice.tensors().put("lm_head.weight", neox.other());
        twice.write(folder.resolve("twice"), true);
        assertThatThrownBy(() -> open(folder.resolve("twice")))
                .hasMessageContaining("each parameter must be stored once, got")
                .hasMessageContaining("lm_head.weight")
                .hasMessageContaining("embed_out.weight");
        Parts narrow = neox.with(new Numbers(List.of(2L, 2L), new float[4]));
        narrow.write(folder.resolve("narrow"), true);
        assertThatThrownBy(() -> open(folder.resolve("narrow")))
                .hasMessageContaining("embed_out.weight has shape [2, 2]");
    }

    @Test
    void tied_heads_of_every_family_equal_those_of_transformers() throws Exception {
        Transformers transformers = new Transformers();
        Map<String, double[][]> logProbs = new LinkedHashMap<>();
        Path models = Files.createDirectory(folder.resolve("models"));
        for (Variant variant : Variant.all()) {
            Parts parts = Parts.of(variant, folder.resolve("plain " + variant));
            Numbers embedding = parts.tensors().get(parts.embedding());
            parts.with(parts.other()).write(models.resolve(variant + "_differs"), true);
            parts.with(embedding).write(models.resolve(variant + "_equal"), true);
            Parts headAlone = parts.with(embedding);
            headAlone.tensors().remove(parts.embedding());
            headAlone.write(models.resolve(variant + "_head_alone"), true);
        }
        try (var folders = Files.list(models)) {
            for (Path model : folders.sorted().toList()) {
                try (Policy policy = open(model)) {
                    logProbs.put(model.getFileName().toString(), Transformers.rows(policy));
                }
            }
        }
        assertThat(logProbs).hasSize(3 * Variant.all().size());
        transformers.requireLogProbs(LOAD, models, logProbs);
    }

    private static TorchPolicy open(Path model) {
        return Opened.policy(TorchModel.at(model), 2);
    }

    /** A tensor in float32. */
    private record Numbers(List<Long> shape, float[] values) {

        SafetensorsWriter.TensorData source(String name) {
            ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            return new SafetensorsWriter.TensorData(name, shape, sink -> sink.accept(bytes.duplicate()));
        }
    }

    /**
     * A model without the matrix of its head.
     *
     * @param saved its folder
     * @param embedding name of its embedding
     * @param head name of the head that it could have
     * @param tensors in the order of the file
     */
    private record Parts(Path saved, String embedding, String head, Map<String, Numbers> tensors) {

        static Parts of(Variant variant, Path saved) {
            Map<String, Numbers> tensors = new LinkedHashMap<>();
            try (Policy policy = variant.open()) {
                policy.save(saved);
            }
            SafetensorsFile file = SafetensorsFile.open(saved.resolve(Checkpoint.WEIGHTS));
            file.tensors().values().forEach(entry -> {
                float[] values = new float[(int) entry.numbers()];
                file.forEachChunk(entry, chunk -> chunk.asFloatBuffer().get(values));
                tensors.put(entry.name(), new Numbers(entry.shape(), values));
            });
            String embedding = tensors.keySet().stream()
                    .filter(name -> name.matches(".*(embed_tokens|wte|embed_in)\\.weight"))
                    .findFirst()
                    .orElseThrow();
            String head = embedding.startsWith("gpt_neox") ? "embed_out.weight" : "lm_head.weight";
            tensors.remove(head);
            return new Parts(saved, embedding, head, tensors);
        }

        /** The embedding with its rows in reverse order. */
        Numbers other() {
            Numbers of = tensors.get(embedding);
            int width = of.shape().get(1).intValue();
            float[] values = new float[of.values().length];
            for (int i = 0; i < values.length; i += width) {
                System.arraycopy(of.values(), i, values, values.length - width - i, width);
            }
            return new Numbers(of.shape(), values);
        }

        Parts with(Numbers ofHead) {
            Map<String, Numbers> all = new LinkedHashMap<>(tensors);
            all.put(head, ofHead);
            return new Parts(saved, embedding, head, all);
        }

        Path write(Path folder, boolean tied) throws IOException {
            Files.createDirectories(folder);
            ObjectNode config = JsonFile.read(saved.resolve(Checkpoint.CONFIG));
            Files.writeString(
                    folder.resolve(Checkpoint.CONFIG), JsonFile.text(config.put("tie_word_embeddings", tied)));
            List<SafetensorsWriter.TensorData> sources = new ArrayList<>();
            tensors.forEach((name, numbers) -> sources.add(numbers.source(name)));
            SafetensorsWriter.write(folder.resolve(Checkpoint.WEIGHTS), Map.of("format", "pt"), sources);
            return folder;
        }
    }
}
