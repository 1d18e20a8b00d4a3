package dpo.report.figure;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.report.results.RunFolderWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Series and levels of figures: colours, names and places. */
final class SeriesOfFiguresTest {

    private static final String BETA = "objective.preference.beta";

    @TempDir
    private Path sweep;

    @Test
    void a_swept_number_other_than_beta_is_the_x_axis_if_there_is_no_beta() {
        for (double rate : new double[] {1e-5, 1e-4}) {
            RunFolderWriter.run(sweep, "r" + rate)
                    .settings(Map.of("optimizer.learning_rate", rate))
                    .result(Map.of("eval/loss", rate))
                    .write();
        }

        assertThat(drawn().figures()).extracting(Figure::name).containsExactly("metrics-against-learning-rate");
    }

    @Test
    void a_null_level_has_its_own_colour_its_name_in_the_legend_and_its_place_on_the_axis() throws Exception {
        level("none", "model.adapter", null, 0.5);
        level("four", "model.adapter", Map.of("rank", 4), 0.7);
        level("eight", "model.adapter", Map.of("rank", 8), 0.9);

        assertThat(DrawnSweep.texts(drawn().figure("training-loss"))).contains("rank null", "rank = 4", "rank = 8");
        assertThat(colours(drawn().figure("training-loss")))
                .contains("rgb(107,107,107)")
                .hasSizeGreaterThanOrEqualTo(3);
        assertThat(DrawnSweep.texts(drawn().figure("metrics-against-rank"))).contains("null", "4", "8");
        assertThat(drawn().figure("metrics-against-rank").caption()).contains("evenly spaced");
    }

    @Test
    void sections_that_differ_in_a_key_or_are_null_are_series_of_their_own() throws Exception {
        for (double beta : new double[] {0.1, 1}) {
            Map<String, Object> longer = new LinkedHashMap<>(Map.of("weight", 0.5));
            longer.put("reduction", "sum");
            for (Map<String, Object> sft : Arrays.<Map<String, Object>>asList(null, Map.of("weight", 0.5), longer)) {
                Map<String, Object> settings = new LinkedHashMap<>();
                settings.put(BETA, beta);
                settings.put("objective.sft", sft);
                RunFolderWriter.run(sweep, beta + "-" + sft)
                        .settings(settings)
                        .result(Map.of("eval/loss", beta))
                        .write();
            }
        }
        assertThat(DrawnSweep.texts(drawn().figure("metrics-against-beta")))
                .contains("sft null", "weight = 0.5", "weight = 0.5, sum")
                .doesNotContain("");
    }

    @Test
    void a_labelled_setting_is_a_series_beside_its_own_keys() throws Exception {
        for (double beta : new double[] {0.1, 1}) {
            for (String method : new String[] {"DPO", "best of n"}) {
                Map<String, Object> settings = new LinkedHashMap<>(Map.of(BETA, beta, "method", method));
                if (method.equals("best of n")) {
                    settings.put("method.num_generations", 4);
                }
                RunFolderWriter.run(sweep, beta + "-" + method)
                        .settings(settings)
                        .result(Map.of("eval/loss", beta))
                        .write();
            }
        }
        assertThat(DrawnSweep.texts(drawn().figure("metrics-against-beta")))
                .anyMatch(text -> text.contains("DPO"))
                .anyMatch(text -> text.contains("best of n"));
    }

    @Test
    void levels_that_are_near_to_each_other_print_differently_and_are_drawn_apart() throws Exception {
        for (double rate : new double[] {0.001, 0.00100001, 0.00100002}) {
            level("r" + rate, "optimizer.learning_rate", rate, rate);
        }
        assertThat(DrawnSweep.texts(drawn().figure("metrics-against-learning-rate")))
                .contains("0.001", "0.00100001", "0.00100002");
        assertThat(DrawnSweep.texts(drawn().figure("training-loss")))
                .contains("learning rate = 0.001", "learning rate = 0.00100001", "learning rate = 0.00100002");
    }

    private void level(String id, String setting, @Nullable Object value, double loss) {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        settings.put(setting, value);
        RunFolderWriter.run(sweep, id)
                .settings(settings)
                .result(Map.of("eval/loss", loss))
                .line("metrics", Map.of("step", 1, "loss", loss))
                .line("metrics", Map.of("step", 2, "loss", loss / 2))
                .write();
    }

    private static Set<String> colours(Figure figure) {
        return Pattern.compile("stroke=\"(rgb[^\"]*)\"")
                .matcher(figure.svg())
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private DrawnSweep drawn() {
        return new DrawnSweep(sweep);
    }
}
