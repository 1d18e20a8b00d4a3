package dpo.experiments.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {

    @TempDir
    Path folder;

    @Test
    void lines_after_a_step_and_a_torn_last_line_are_taken_away_when_a_file_is_opened_again() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        try (JsonLines lines = JsonLines.appendAfter(file, 0)) {
            for (int step = 1; step <= 5; step++) {
                lines.append(Map.of("step", step));
            }
        }
        Files.writeString(file, "{\"step\": 6, \"lo", StandardOpenOption.APPEND);
        assertThat(JsonLines.read(file)).hasSize(5);
        try (JsonLines lines = JsonLines.appendAfter(file, 3)) {
            lines.append(Map.of("step", 4));
        }
        assertThat(Files.readString(file)).isEqualTo("{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n{\"step\":4}\n");
    }

    @Test
    void doubles_survive_the_way_through_a_file_bit_by_bit() {
        Path file = folder.resolve("metrics.jsonl");
        double value = 0.1 + 0.2;
        try (JsonLines lines = JsonLines.appendAfter(file, 0)) {
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
    void a_folder_appears_whole_and_replaces_what_was_there() throws IOException {
        Path target = folder.resolve("checkpoint");
        DurableFiles.writeFolder(target, content -> DurableFiles.write(content.resolve("a"), "old"));
        DurableFiles.writeFolder(target, content -> DurableFiles.write(content.resolve("b"), "new"));
        assertThat(target.resolve("a")).doesNotExist();
        assertThat(Files.readString(target.resolve("b"))).isEqualTo("new");
        assertThatThrownBy(() -> DurableFiles.writeFolder(target, content -> {
                    DurableFiles.write(content.resolve("b"), "half");
                    throw new IllegalStateException("killed");
                }))
                .hasMessage("killed");
        assertThat(Files.readString(target.resolve("b"))).isEqualTo("new");
    }

    @Test
    void a_folder_is_held_once() {
        try (FolderLock held = FolderLock.of(folder)) {
            assertThatThrownBy(() -> FolderLock.of(folder))
                    .isInstanceOf(OutputException.class)
                    .hasMessageContaining("used by one process at a time");
        }
        FolderLock.of(folder).close();
    }

    @Test
    void a_full_disk_is_told_with_the_file() {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "this system has no /dev/full");
        assertThatThrownBy(() -> {
                    Files.createSymbolicLink(folder.resolve("run.json.tmp"), full);
                    DurableFiles.write(folder.resolve("run.json"), "{}");
                })
                .isInstanceOf(OutputException.class)
                .hasMessageContaining("output must be writable")
                .hasMessageContaining("run.json");
    }

    @Test
    void a_run_record_reads_back_as_itself() {
        RunFolder run = new RunFolder(folder);
        assertThat(run.record()).isEmpty();
        RunRecord record = new RunRecord(
                "beta=0.1-abc", "test", RunRecord.Status.RUNNING, Map.of("seed", 1), Map.of("config", "x"),
                Map.of("train", Map.of("file", "pairs.jsonl")), Map.of("java", "17"), "2026-01-01T00:00:00Z",
                Optional.empty(), 1.5, Map.of(), Optional.empty());
        run.write(record);
        assertThat(run.record()).contains(record);
        RunRecord ended = record.ended(
                RunRecord.Status.COMPLETED, "2026-01-01T00:01:00Z", 60, Map.of("eval/loss", 0.25), Optional.empty());
        run.write(ended);
        assertThat(run.record()).contains(ended);
    }

    @Test
    void a_run_record_that_is_none_is_refused_with_its_file() throws IOException {
        Files.writeString(folder.resolve("run.json"), "{\"format\": 99}");
        assertThatThrownBy(() -> new RunFolder(folder).record())
                .isInstanceOf(OutputException.class)
                .hasMessageContaining("format must be 1, got 99")
                .hasMessageContaining("run.json");
    }
}
