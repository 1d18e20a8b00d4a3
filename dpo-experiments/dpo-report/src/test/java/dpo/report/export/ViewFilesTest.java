package dpo.report.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.InvalidInputException;
import dpo.report.results.CopyFormat;
import dpo.report.results.Results;
import dpo.report.results.RunFolderWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ViewFilesTest {

    @TempDir
    private Path folder;

    private Path sweep;

    @BeforeEach
    void write() {
        sweep = folder.resolve("it's a sweep");
        for (String id : List.of("b", "a")) {
            RunFolderWriter.run(sweep, id)
                    .settings(Map.of("seed", 1, "name", "x, \"y\""))
                    .result(Map.of("eval/loss", 0.1 + 0.2))
                    .line("metrics", "{\"step\":1,\"loss\":0.5}\n")
                    .line(
                            "pairs",
                            "{\"step\":1,\"pair\":\"p\",\"policy\":{\"chosen\":-1.5,\"chosen_turns\":[-1,-0.5]}}\n")
                    .write();
        }
    }

    private List<Path> export(CopyFormat format, Path out, boolean overwrite) {
        try (Results results = Results.open(sweep)) {
            return ViewFiles.write(results, format, out, overwrite);
        }
    }

    @Test
    void csv_has_every_view_sorted_by_run_with_all_digits_and_a_column_per_nested_value() throws IOException {
        Path out = folder.resolve("a b/it's");
        assertThat(export(CopyFormat.CSV, out, false))
                .extracting(file -> file.getFileName().toString())
                .containsExactly(
                        "runs.csv", "summary.csv", "metrics.csv", "evaluations.csv", "pairs.csv", "frontier.csv");
        assertThat(out.resolve("runs.csv")).content().contains("\na,", "0.30000000000000004", "\"x, \"\"y\"\"\"");
        assertThat(Files.readAllLines(out.resolve("metrics.csv")))
                .containsExactly("run,step,loss", "a,1,0.5", "b,1,0.5");
        assertThat(Files.readAllLines(out.resolve("pairs.csv")))
                .containsExactly(
                        "run,step,pair,policy.chosen,policy.chosen_turns",
                        "a,1,p,-1.5,\"[-1.0,-0.5]\"",
                        "b,1,p,-1.5,\"[-1.0,-0.5]\"");
        assertThat(Files.readAllLines(out.resolve("frontier.csv"))).containsExactly("run,beta,reward,kl");
    }

    @Test
    void parquet_files_are_equal_at_each_export_and_hold_their_magic_bytes() throws IOException {
        List<Path> first = export(CopyFormat.PARQUET, folder.resolve("1"), false);
        List<Path> second = export(CopyFormat.PARQUET, folder.resolve("2"), false);
        for (int i = 0; i < first.size(); i++) {
            assertThat(second.get(i)).hasSameBinaryContentAs(first.get(i));
            assertThat(Files.readAllBytes(first.get(i)))
                    .startsWith('P', 'A', 'R', '1')
                    .endsWith('P', 'A', 'R', '1');
        }
    }

    @Test
    void files_that_exist_are_kept_unless_they_shall_be_replaced() throws IOException {
        Path out = Files.createDirectory(folder.resolve("out"));
        Path kept = Files.writeString(out.resolve("pairs.csv"), "mine");
        assertThatThrownBy(() -> export(CopyFormat.CSV, out, false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("output file must not exist, got " + kept + "; --overwrite replaces it");
        try (Stream<Path> files = Files.list(out)) {
            assertThat(files).containsExactly(kept);
        }
        export(CopyFormat.CSV, out, true);
        assertThat(kept).content().startsWith("run,step,pair");
        try (Stream<Path> files = Files.list(out)) {
            assertThat(files).hasSize(6);
        }
    }
}
