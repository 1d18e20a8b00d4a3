package dpo.cli;

import static dpo.cli.TinyLlama.PAIRS;
import static org.assertj.core.api.Assertions.assertThat;

import dpo.data.provenance.RunProvenance;
import dpo.data.provenance.SourceProvenance;
import dpo.harness.store.RunFolder;
import dpo.harness.store.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.provenance.ModelProvenance;

/** A run of a language model whose data and model have moved or changed. */
class ReproduceIT {

    @TempDir
    static Path scratch;

    private static RecordedRuns runs;
    private static Path run;

    @BeforeAll
    static void trainAndMove() throws IOException {
        runs = new RecordedRuns(scratch);
        Path old = Files.createDirectories(scratch.resolve("old"));
        runs.copied(TinyLlama.MODEL, "old/model");
        Files.copy(PAIRS, old.resolve("pairs.jsonl"));
        Path config = Files.writeString(old.resolve("experiment.yaml"), """
                name: tiny
                backend: torch
                threads: 1
                model: {path: model}
                data:
                  train: {format: conversational, path: pairs.jsonl, limit: 8}
                  evaluation: {format: conversational, path: pairs.jsonl, skip: 8, limit: 8}
                optimizer: {learning_rate: 1.0e-3}
                training: {batch_size: 4}
                """);
        Path first = scratch.resolve("first");
        Ended ended = Ended.of("train", config.toString(), "--out", first.toString());
        assertThat(ended.code()).as(ended.err()).isZero();
        run = runs.copied(first, "copy");
        Path moved = Files.createDirectories(scratch.resolve("moved/deep"));
        Files.move(old.resolve("pairs.jsonl"), moved.resolve("renamed.jsonl"));
        Files.move(old.resolve("model"), moved.resolve("renamed-model"));
    }

    private static Ended reproduce(Path folder, Path data, String out) {
        return Ended.of(
                "reproduce",
                folder.toString(),
                "--data",
                data.toString(),
                "--out",
                scratch.resolve(out).toString());
    }

    @Test
    void a_run_records_machine_and_natives_and_the_provenance_of_its_data_in_the_types_of_tribuo() throws IOException {
        RunFolder folder = new RunFolder(run);
        assertThat(folder.record().orElseThrow().environment())
                .containsKeys(
                        "java_vendor", "cores", "memory", "engine", "libtorch", "javacpp", "onednn", "tokenizers");
        ModelProvenance provenance = RunProvenance.read(folder.provenance("run").orElseThrow());
        assertThat(provenance.getDatasetProvenance().getNumExamples()).isEqualTo(8);
        assertThat(provenance.getDatasetProvenance().getSourceProvenance())
                .isInstanceOfSatisfying(SourceProvenance.class, source -> assertThat(source.sha256())
                        .isEqualTo(Sha256.of(readBytes(PAIRS))));
        assertThat(RunProvenance.flat(provenance))
                .containsEntry("trainer.optimizer.learning_rate", "0.001")
                .containsEntry("instance-values.environment.threads", "1")
                .containsEntry("instance-values.evaluation.rows-used", "8");
    }

    private static byte[] readBytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void moved_and_renamed_data_and_model_are_found_by_their_content() {
        Ended ended = reproduce(run, scratch.resolve("moved"), "again");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out()).startsWith("identical\n").contains("equal settings, data, model, code and environment");
        assertThat(ended.err())
                .contains("old/pairs.jsonl is now", "renamed.jsonl", "old/model is now", "renamed-model");
    }

    @Test
    void inputs_that_are_nowhere_are_listed_with_their_hashes_and_the_places_that_were_searched() throws IOException {
        Path empty = Files.createDirectories(scratch.resolve("empty"));
        Ended ended = reproduce(run, empty, "none");
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err())
                .contains("old/pairs.jsonl: SHA-256 ", "old/model: chat_template.jinja SHA-256 ")
                .contains("0 files in " + empty);
        assertThat(scratch.resolve("none")).doesNotExist();
    }

    @Test
    void an_edited_row_is_named_and_so_is_another_number_of_threads() throws IOException {
        Path edited = Files.createDirectories(scratch.resolve("edited"));
        runs.copied(TinyLlama.MODEL, "edited/model");
        String rows = Files.readString(PAIRS);
        int third = rows.indexOf('\n', rows.indexOf('\n') + 1) + 1;
        int content = rows.lastIndexOf("\"content\": \"", rows.indexOf('\n', third)) + "\"content\": \"".length();
        Files.writeString(edited.resolve("pairs.jsonl"), rows.substring(0, content) + "No. " + rows.substring(content));
        Path threads = runs.copied(run, "other-threads");
        RecordedRuns.edit(threads.resolve("config.yaml"), text -> text.replace("threads: 1", "threads: 2"));
        Ended ended = reproduce(threads, edited, "different");
        assertThat(ended.code()).as(ended.err()).isEqualTo(1);
        assertThat(ended.err()).contains("changed: ", "edited/pairs.jsonl has another content");
        assertThat(ended.out())
                .startsWith("different: the largest difference is")
                .containsPattern("data +train +8 rows +8 rows: 1 differs, the first is number 3")
                .containsPattern("file +pairs.jsonl +[0-9a-f]{12} +[0-9a-f]{12}")
                .containsPattern("environment +threads +1 +2")
                .doesNotContainPattern("(?m)^(setting|model|code) ");
    }
}
