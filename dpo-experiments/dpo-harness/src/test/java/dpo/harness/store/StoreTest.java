package dpo.harness.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {

    @TempDir
    Path folder;

    @Test
    void opening_a_file_again_truncates_it_to_the_given_length() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        FileChecksum kept;
        try (JsonLines lines = JsonLines.keeping(file, FileChecksum.NONE)) {
            lines.append(Map.of("step", 1));
            lines.append(Map.of("step", 2));
            kept = lines.extent();
            lines.append(Map.of("step", 3));
        }
        Files.writeString(file, "{\"step\": 4, \"lo", StandardOpenOption.APPEND);
        assertThat(JsonLines.read(file)).hasSize(3);
        try (JsonLines lines = JsonLines.keeping(file, kept)) {
            lines.append(Map.of("step", 3));
            lines.requireWhole();
            assertThat(lines.extent()).isEqualTo(FileChecksum.of(file));
        }
        assertThat(Files.readString(file)).isEqualTo("{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n");
    }

    @Test
    void a_file_that_is_removed_replaced_or_altered_is_detected_at_the_next_line() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        for (Disturbance disturbance : List.<Disturbance>of(
                Files::delete,
                path -> Files.move(path, path.resolveSibling("moved")),
                path -> DurableFiles.write(path, "{\"step\":1}\n"),
                path -> Files.writeString(path, "{}\n", StandardOpenOption.APPEND),
                path -> Files.writeString(path, ""))) {
            try (JsonLines lines = JsonLines.keeping(file, FileChecksum.NONE)) {
                lines.append(Map.of("step", 1));
                disturbance.apply(file);
                assertThatThrownBy(() -> lines.append(Map.of("step", 2)))
                        .isInstanceOf(OutputException.class)
                        .hasMessageContaining("metrics.jsonl");
            }
            Files.deleteIfExists(file);
        }
    }

    @FunctionalInterface
    private interface Disturbance {
        void apply(Path file) throws IOException;
    }

    @Test
    void neither_symbolic_nor_hard_links_in_the_place_of_an_output_file_are_followed() throws IOException {
        Path outside = Files.writeString(folder.resolve("outside"), "mine");
        Path run = Files.createDirectory(folder.resolve("run"));
        for (String name : List.of("run.json", "run.json.tmp")) {
            Files.createSymbolicLink(run.resolve(name), outside);
        }
        DurableFiles.write(run.resolve("run.json"), "{}");
        assertThat(run.resolve("run.json")).isRegularFile().hasContent("{}");
        assertThat(Files.isSymbolicLink(run.resolve("run.json"))).isFalse();

        Files.createSymbolicLink(run.resolve("resume.tmp"), folder.resolve("nowhere"));
        DurableFiles.writeFolder(run.resolve("resume"), content -> DurableFiles.write(content.resolve("a"), "new"));
        assertThat(folder.resolve("nowhere")).doesNotExist();

        Files.createSymbolicLink(run.resolve(".lock"), folder.resolve("nowhere"));
        assertThatThrownBy(() -> FolderLock.of(run))
                .isInstanceOf(OutputException.class)
                .hasMessageContaining(".lock");
        assertThat(folder.resolve("nowhere")).doesNotExist();

        Files.createSymbolicLink(run.resolve("metrics.jsonl"), outside);
        Files.createLink(run.resolve("pairs.jsonl"), outside);
        for (String name : List.of("metrics.jsonl", "pairs.jsonl")) {
            try (JsonLines lines = JsonLines.keeping(run.resolve(name), FileChecksum.NONE)) {
                lines.append(Map.of("step", 1));
            }
        }
        assertThat(outside).hasContent("mine");
    }

    private RunFolder running() {
        RunFolder run = new RunFolder(folder);
        run.write(new RunRecord(
                "id",
                "test",
                RunRecord.Status.RUNNING,
                Map.of("seed", 1),
                Map.of("config", "x"),
                Map.of(),
                Map.of("java", "17"),
                "2026-01-01T00:00:00Z",
                Optional.empty(),
                1.5,
                Map.of(),
                Optional.empty(),
                Optional.empty()));
        return run;
    }

    @Test
    void a_line_of_samples_or_evaluations_that_lacks_a_part_damages_an_unfinished_run() throws IOException {
        RunFolder run = running();
        String whole = "{\"step\":1,\"pair\":\"a\",\"prompt_ids\":[1],\"policy_ids\":[],\"reference_ids\":[2]}\n";
        Files.writeString(folder.resolve("samples.jsonl"), whole + "{\"step\":1,");
        Files.writeString(folder.resolve("evaluations.jsonl"), "{\"step\":1,\"eval/loss\":null}\n");
        assertThat(run.damage(true)).isEmpty();
        for (String part : List.of("\"step\":1,", "\"pair\":\"a\",", "\"prompt_ids\":[1],")) {
            Files.writeString(folder.resolve("samples.jsonl"), whole.replace(part, ""));
            assertThat(run.damage(true))
                    .hasValueSatisfying(damage -> assertThat(damage).contains("samples.jsonl, line 1"));
        }
        Files.writeString(folder.resolve("evaluations.jsonl"), "{\"eval/loss\":null}\n");
        assertThat(run.damage(true))
                .hasValueSatisfying(damage -> assertThat(damage).contains("evaluations.jsonl, line 1"));
    }

    @Test
    void a_flipped_bit_and_a_truncation_of_a_run_record_are_detected() throws IOException {
        RunFolder run = running();
        RunRecord written = run.record().orElseThrow();
        Path file = folder.resolve("run.json");
        byte[] whole = Files.readAllBytes(file);
        for (int bit = 0; bit < 8 * whole.length; bit += 11) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, flipped);
            // Other white space between the entries of JSON gives the same record.
            assertThat(run.record()).satisfiesAnyOf(record -> assertThat(record).isEmpty(), record -> assertThat(record)
                    .contains(written));
        }
        for (int length = 0; length < whole.length - 2; length += 7) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThat(run.record()).isEmpty();
            assertThat(run.damage(true))
                    .hasValueSatisfying(damage -> assertThat(damage).startsWith("run.json"));
        }
    }

    @Test
    void the_error_for_a_damaged_line_names_file_and_line() throws IOException {
        Path file = folder.resolve("pairs.jsonl");
        Files.writeString(file, "{\"step\":1}\n{\"st\u0000p\":2\n{\"step\":3}\n{\"st");
        assertThatThrownBy(() -> JsonLines.read(file))
                .isInstanceOf(OutputException.class)
                .hasMessageContaining("pairs.jsonl, line 2");
    }

    @Test
    void doubles_written_to_a_file_are_read_back_bit_by_bit() {
        Path file = folder.resolve("metrics.jsonl");
        double value = 0.1 + 0.2;
        try (JsonLines lines = JsonLines.keeping(file, FileChecksum.NONE)) {
            lines.append(Map.of("step", 1, "tiny", Double.MIN_VALUE, "value", value));
        }
        assertThat(JsonLines.read(file).get(0)).containsEntry("value", value).containsEntry("tiny", Double.MIN_VALUE);
    }

    @Test
    void numbers_that_are_not_finite_are_written_as_null_at_any_depth() {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("a", Double.NaN);
        line.put("b", Map.of("c", List.of(Double.POSITIVE_INFINITY, 1.5)));
        assertThat(Json.line(line)).isEqualTo("{\"a\":null,\"b\":{\"c\":[null,1.5]}}");
    }

    @Test
    void a_folder_is_written_atomically_and_replaces_the_old_one() throws IOException {
        Path target = folder.resolve("checkpoint");
        DurableFiles.writeFolder(target, content -> DurableFiles.write(content.resolve("a"), "old"));
        DurableFiles.writeFolder(target, content -> DurableFiles.write(content.resolve("b"), "new"));
        assertThat(target.resolve("a")).doesNotExist();
        assertThat(DurableFiles.previous(target).resolve("a")).hasContent("old");
        assertThat(Files.readString(target.resolve("b"))).isEqualTo("new");
        assertThatThrownBy(() -> DurableFiles.writeFolder(target, content -> {
                    DurableFiles.write(content.resolve("b"), "half");
                    throw new IllegalStateException("killed");
                }))
                .hasMessage("killed");
        assertThat(Files.readString(target.resolve("b"))).isEqualTo("new");
        assertThat(folder.resolve("checkpoint.tmp")).doesNotExist();
    }

    @Test
    void a_manifest_names_the_files_of_a_linked_folder_by_the_link() throws IOException {
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("events"), "1");
        Path run = Files.createDirectory(folder.resolve("run"));
        Path link = Files.createSymbolicLink(run.resolve("tensorboard"), elsewhere);
        Manifest manifest = Manifest.of(run, List.of(link));
        assertThat(manifest.files()).containsOnlyKeys("tensorboard/events");
        assertThat(manifest.damage(run)).isEmpty();
    }

    @Test
    void a_folder_can_be_locked_once() {
        try (FolderLock held = FolderLock.of(folder)) {
            assertThatThrownBy(() -> FolderLock.of(folder))
                    .isInstanceOf(OutputException.class)
                    .hasMessageContaining("used by one process at a time");
        }
        FolderLock.of(folder).close();
    }

    @Test
    void a_failed_write_leaves_the_old_content_and_no_other_file() throws IOException {
        Path file = folder.resolve("run.json");
        DurableFiles.write(file, "old");
        assertThatThrownBy(() -> DurableFiles.replace(file, channel -> {
                    channel.write(ByteBuffer.wrap(new byte[8]));
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(OutputException.class)
                .hasMessageContaining("output must be writable, got: No space left on device")
                .hasMessageContaining("run.json");
        assertThat(file).hasContent("old");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void a_run_record_read_from_its_file_is_equal() {
        RunFolder run = new RunFolder(folder);
        assertThat(run.record()).isEmpty();
        RunRecord record = new RunRecord(
                "beta=0.1-abc",
                "test",
                RunRecord.Status.RUNNING,
                Map.of("seed", 1),
                Map.of("config", "x"),
                Map.of("train", Map.of("file", "pairs.jsonl")),
                Map.of("java", "17"),
                "2026-01-01T00:00:00Z",
                Optional.empty(),
                1.5,
                Map.of(),
                Optional.empty(),
                Optional.empty());
        run.write(record);
        assertThat(run.record()).contains(record);
        RunRecord ended = record.ended(
                RunRecord.Status.COMPLETED,
                "2026-01-01T00:01:00Z",
                60,
                Map.of("eval/loss", 0.25),
                Optional.empty(),
                new Manifest(new TreeMap<>(Map.of("metrics.jsonl", new FileChecksum(3, 4)))));
        run.write(ended);
        assertThat(run.record()).contains(ended);
    }

    @Test
    void a_removed_folder_is_not_recreated_in_part() {
        RunFolder run = new RunFolder(folder.resolve("removed"));
        assertThatThrownBy(() -> run.writeConfig("x")).isInstanceOf(OutputException.class);
        assertThatThrownBy(() -> DurableFiles.createFolderWithin(run.tensorboard()))
                .isInstanceOf(OutputException.class);
        assertThat(run.path()).doesNotExist();
    }

    @Test
    void the_root_folder_is_refused_as_output() {
        assertThatThrownBy(() -> DurableFiles.createParent(folder.getRoot()))
                .isInstanceOf(OutputException.class)
                .hasMessage("output must be within a folder, got " + folder.getRoot());
    }

    @Test
    void a_line_without_a_key_that_is_always_written_is_an_error() throws IOException {
        Files.writeString(folder.resolve("samples.jsonl"), "{\"pair\":\"p\",\"prompt_ids\":[]}\n");
        Files.writeString(folder.resolve("evaluations.jsonl"), "{\"eval/loss\":1}\n");
        assertThatThrownBy(new RunFolder(folder)::samples)
                .isInstanceOf(OutputException.class)
                .hasMessageEndingWith("samples.jsonl, line 1)");
        assertThatThrownBy(new RunFolder(folder)::evaluations)
                .isInstanceOf(OutputException.class)
                .hasMessageEndingWith("evaluations.jsonl, line 1)");
    }
}
