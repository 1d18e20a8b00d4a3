package dpo.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.report.html.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportExampleTest {

    @TempDir
    Path sweep;

    @Test
    void the_settings_of_the_page_make_a_report() throws IOException {
        for (String type : List.of("sigmoid", "ipo", "hinge")) {
            for (String beta : List.of("0.1", "1.0")) {
                for (int seed = 1; seed <= 3; seed++) {
                    writeRun(type, beta, seed);
                }
            }
        }
        Page.Block example =
                Repository.page("docs/paper.md").blocks("yaml").findFirst().orElseThrow();
        Path file = Files.writeString(sweep.resolve("example.yaml"), example.content());

        Report.write(sweep, Optional.of(file));

        assertThat(Files.readString(sweep.resolve("tables/results.tex")))
                .contains(
                        "\\caption{The controlled world. Means over seeds", "\\label{tab:controlled}", "DPO & 0.1 & 3")
                .doesNotContain("hinge");
        assertThat(sweep.resolve("tables/comparison.tex")).exists();
        assertThat(sweep.resolve("figures/metrics-against-beta.pdf")).exists();
    }

    private void writeRun(String type, String beta, int seed) throws IOException {
        Path folder = Files.createDirectories(sweep.resolve("runs").resolve(type + beta + seed));
        double x = Double.parseDouble(beta) + 0.1 * seed;
        Files.writeString(folder.resolve("run.json"), """
                {"format": 1, "id": "%s", "status": "completed", "settings": {"objective.preference.type": "%s",
                 "objective.preference.beta": %s, "seed": %d},
                 "result": {"world/reward": %s, "world/kl": %s, "world/gap": %s}}
                """.formatted(
                        folder.getFileName(), type, beta, seed, 2 - x * x, x, 0.1 * x));
    }
}
