package dpo.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dpo.core.setting.Setting;
import dpo.report.html.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
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

    @Test
    void every_setting_of_reports_is_on_the_page() {
        String page = Repository.page("docs/paper.md")
                .blocks("yaml")
                .findFirst()
                .orElseThrow()
                .content();
        Set<String> missing = new TreeSet<>();
        for (JavaClass type : new ClassFileImporter().importPackages("dpo.report.settings")) {
            if (type.isRecord()) {
                Arrays.stream(type.reflect().getRecordComponents())
                        .filter(part -> part.isAnnotationPresent(Setting.class))
                        .map(part -> part.getName().replaceAll("[A-Z]", "_$0").toLowerCase(Locale.ROOT) + ":")
                        .filter(key -> !page.contains(key))
                        .forEach(missing::add);
            }
        }
        assertThat(missing).isEmpty();
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
