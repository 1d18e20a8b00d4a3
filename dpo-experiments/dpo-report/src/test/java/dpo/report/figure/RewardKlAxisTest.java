package dpo.report.figure;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.report.results.Results;
import dpo.report.settings.ReportFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RewardKlAxisTest {

    @TempDir
    private Path folder;

    private List<String> texts(String scale) throws Exception {
        Path sweep = folder.resolve(scale);
        for (double kl : new double[] {0.012, 0.5, 3}) {
            new DrawnSweep(sweep)
                    .run("kl=" + kl, "ipo", 1 / kl, 1)
                    .result(Map.of("world/kl", kl, "world/reward", 100 + kl))
                    .write();
        }
        Path file = Files.writeString(
                folder.resolve(scale + ".yaml"), "figures: {axes: {world/kl: {scale: " + scale + "}}}");
        try (Results results = Results.open(sweep)) {
            return DrawnSweep.texts(Figures.of(results, ReportFile.read(Optional.of(file), results))
                    .get(0));
        }
    }

    @Test
    void a_linear_axis_begins_at_the_reference_and_a_logarithmic_one_at_the_nearest_run() throws Exception {
        assertThat(texts("linear")).contains("0", "1", "2", "3");
        assertThat(texts("logarithmic")).contains("0.1", "1").doesNotContain("0");
    }
}
