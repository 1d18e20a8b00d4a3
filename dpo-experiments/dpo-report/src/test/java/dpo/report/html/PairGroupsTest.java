package dpo.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.report.results.Results;
import dpo.report.results.RunFolderWriter;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PairGroupsTest {

    @TempDir
    private Path sweep;

    private void run(String id, String status, String sha256, String path) {
        RunFolderWriter.run(sweep, id)
                .with("status", status)
                .with("provenance", Map.of("evaluation.hard", Map.of("sha256", sha256, "used", "4", "path", path)))
                .write();
    }

    @Test
    void runs_are_of_one_group_if_they_have_the_same_held_out_pairs_wherever_the_file_was() {
        run("a", "failed", "other", "/x");
        run("b", "completed", "one", "/x");
        run("c", "completed", "other", "/x");
        run("d", "completed", "one", "/moved");

        try (Results results = Results.open(sweep)) {
            assertThat(PairGroups.of(results.runs()).of("hard")).isEqualTo(Map.of("b", 0, "d", 0, "a", 1, "c", 1));
        }
    }
}
