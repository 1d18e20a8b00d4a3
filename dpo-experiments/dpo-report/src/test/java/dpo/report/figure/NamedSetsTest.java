package dpo.report.figure;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.report.settings.ReportFile;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamedSetsTest {

    @TempDir
    private Path sweep;

    @Test
    void named_evaluation_sets_are_drawn_as_a_single_one_is() throws Exception {
        DrawnSweep drawn = new DrawnSweep(sweep);
        for (double beta : new double[] {0.1, 1}) {
            drawn.run("beta=" + beta, "sigmoid", beta, 1)
                    .result(Map.of("eval/hard/loss", beta, "eval/hard/custom/length", 2 * beta, "eval/easy/loss", 1.5))
                    .line("evaluations", Map.of("step", 1, "eval/hard/loss", 0.7, "eval/hard/custom/length", 1.0))
                    .line("evaluations", Map.of("step", 2, "eval/hard/loss", beta, "eval/hard/custom/length", 2.0))
                    .write();
        }

        assertThat(drawn.figures())
                .extracting(Figure::name)
                .containsExactly("metrics-against-beta", "evaluation-hard-loss", "evaluation-hard-custom-length");
        assertThat(DrawnSweep.texts(drawn.figure("metrics-against-beta")))
                .contains("loss on hard", "loss on easy", "eval/hard/custom/length");
        assertThat(DrawnSweep.texts(drawn.figure("evaluation-hard-loss"))).contains("loss on hard");
    }

    @Test
    void a_unit_stays_at_the_end_of_the_name_of_a_metric() {
        assertThat(Measure.of(
                                "eval/hard/rewards/margins",
                                ReportFile.byDefault().names())
                        .label())
                .isEqualTo("reward margin on hard [nats]");
    }
}
