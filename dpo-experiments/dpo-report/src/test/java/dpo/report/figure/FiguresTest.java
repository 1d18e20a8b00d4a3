package dpo.report.figure;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.report.results.Results;
import dpo.report.results.RunFolderWriter;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FiguresTest {

    @TempDir
    private Path sweep;

    @Test
    void a_sweep_in_the_controlled_world_gives_reward_kl_plane_beta_plot_and_learning_curves() {
        writeSweep();

        assertThat(drawn().figures())
                .extracting(Figure::name)
                .containsExactly(
                        "reward-kl",
                        "metrics-against-beta",
                        "training-loss",
                        "training-rewards-margins",
                        "evaluation-loss");
    }

    @Test
    void every_svg_is_well_formed_and_names_its_axes_and_series() throws Exception {
        writeSweep();

        for (Figure figure : drawn().figures()) {
            List<String> texts = DrawnSweep.texts(figure);
            assertThat(texts)
                    .as(figure.name())
                    .contains(
                            figure.name().equals("reward-kl")
                                    ? "KL(πθ ‖ π_ref) [nats]"
                                    : figure.name().startsWith("metrics") ? "β" : "optimizer step");
            assertThat(texts).as(figure.name()).contains("ipo", "a<b>&\"c'");
        }
        assertThat(DrawnSweep.texts(drawn().figure("reward-kl"))).contains("exact optimum", "β = 0.1", "1", "π_ref");
        assertThat(DrawnSweep.texts(drawn().figure("metrics-against-beta"))).contains("0.1", "1", "evaluation loss");
        assertThat(DrawnSweep.texts(drawn().figure("training-loss"))).contains("β = 0.1", "β = 1", "training loss");
    }

    @Test
    void every_png_is_twice_the_size_of_the_svg_and_not_blank() throws IOException {
        writeSweep();

        for (Figure figure : drawn().figures()) {
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(figure.png()));
            assertThat(figure.svg()).contains("width=\"" + image.getWidth() / 2 + "\"");
            assertThat(inkOf(image)).as(figure.name()).isBetween(0.003, 0.3);
        }
    }

    private static double inkOf(BufferedImage image) {
        long ink = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                ink += (image.getRGB(x, y) & 0xffffff) == 0xffffff ? 0 : 1;
            }
        }
        return (double) ink / image.getWidth() / image.getHeight();
    }

    @Test
    void equal_results_give_equal_files() {
        writeSweep();

        List<Figure> once = drawn().figures();
        List<Figure> again = drawn().figures();

        assertThat(again)
                .extracting(Figure::svg)
                .isEqualTo(once.stream().map(Figure::svg).toList());
        assertThat(again.get(0).png()).isEqualTo(once.get(0).png());
    }

    @Test
    void each_world_has_its_own_plane() {
        drawn().run("a", "ipo", 0.1, 1)
                .result(Map.of("world/kl", 1.0, "world/reward", 1.0))
                .line("frontier", "{\"beta\":1,\"reward\":2,\"kl\":1}\n")
                .write();
        drawn().run("b", "hinge", 0.1, 1)
                .result(Map.of("world/kl", 1.0, "world/reward", 1.0))
                .line("frontier", "{\"beta\":1,\"reward\":3,\"kl\":1}\n")
                .write();
        drawn().run("c", "ipo", 0.2, 1)
                .result(Map.of("world/kl", 0.5, "world/reward", 1.0))
                .line("frontier", "{\"beta\":1,\"reward\":2,\"kl\":1}\n")
                .write();

        List<Figure> figures = drawn().figures().stream()
                .filter(figure -> figure.name().startsWith("reward-kl"))
                .toList();

        assertThat(figures).extracting(Figure::name).containsExactly("reward-kl-1", "reward-kl-2");
        assertThat(figures.get(0).caption()).contains("in the world of β = 0.1, hinge");
        assertThat(figures.get(1).caption()).contains("in the world of ipo");
    }

    @Test
    void series_crowded_at_small_kl_get_an_enlarged_panel() throws Exception {
        drawn().run("a", "ipo", 0.1, 1)
                .result(Map.of("world/kl", 0.02, "world/reward", 1.0))
                .write();
        drawn().run("b", "hinge", 0.1, 1)
                .result(Map.of("world/kl", 30.0, "world/reward", 2.0))
                .write();

        assertThat(DrawnSweep.texts(drawn().figure("reward-kl"))).contains("all runs", "enlarged: KL ≤ 0.02 nats");
    }

    @Test
    void without_data_there_is_no_figure() {
        drawn().run("a", "ipo", 0.1, 1)
                .line("metrics", "{\"step\":1,\"loss\":1.5}\n{\"step\":2,\"lo")
                .write();
        drawn().run("b", "ipo", 0.2, 1)
                .with("status", "failed")
                .result(Map.of("eval/loss", 1.0))
                .write();

        assertThat(drawn().figures()).isEmpty();
    }

    @Test
    void one_run_without_any_sweep_has_its_curves() throws Exception {
        RunFolderWriter run = RunFolderWriter.run(sweep, "only").settings(Map.of());
        for (int step = 0; step < 1000; step++) {
            run.line("metrics", Map.of("step", step, "loss", 1.0 / (step + 1)));
        }
        Path folder = run.write();

        try (Results results = Results.open(folder)) {
            assertThat(Figures.of(results)).extracting(Figure::name).containsExactly("training-loss");
            assertThat(Figures.of(results).get(0).caption())
                    .contains("average over 17 steps")
                    .doesNotContain("seed");
        }
    }

    @Test
    void metrics_of_the_users_own_have_curves_a_panel_and_a_column() throws Exception {
        for (double rate : new double[] {1e-5, 1e-4}) {
            RunFolderWriter.run(sweep, "r" + rate)
                    .settings(Map.of("optimizer.learning_rate", rate))
                    .result(Map.of("eval/loss", rate, "eval/custom/wins", 0.5))
                    .line("metrics", Map.of("step", 1, "custom/wins", 0.25))
                    .line("metrics", Map.of("step", 2, "custom/wins", 0.75))
                    .line("evaluations", Map.of("step", 1, "eval/custom/wins", 0.25))
                    .line("evaluations", Map.of("step", 2, "eval/custom/wins", 0.5))
                    .write();
        }

        assertThat(drawn().figures())
                .extracting(Figure::name)
                .contains("training-custom-wins", "evaluation-custom-wins");
        assertThat(DrawnSweep.texts(drawn().figure("metrics-against-learning-rate")))
                .contains("eval/custom/wins");
        try (Results results = Results.open(sweep)) {
            assertThat(results.overview().columns()).contains("eval/custom/wins");
        }
    }

    private void writeSweep() {
        for (String type : List.of("ipo", "a<b>&\"c'")) {
            for (double beta : new double[] {0.1, 1}) {
                for (int seed = 1; seed <= (beta == 1 ? 2 : 3); seed++) {
                    double kl = (type.equals("ipo") ? 0.5 : 2) / beta + 0.1 * seed;
                    RunFolderWriter run = drawn().run(type.length() + "-" + beta + "-" + seed, type, beta, seed)
                            .result(Map.of(
                                    "eval/loss", beta + 0.01 * seed, "world/kl", kl, "world/reward", Math.sqrt(kl)));
                    for (int step = 1; step <= 4 + seed; step++) {
                        run.line("metrics", Map.of("step", step, "loss", 1.0 / step, "rewards/margins", beta * step));
                        run.line("evaluations", Map.of("step", step, "eval/loss", 1.0 / step));
                    }
                    run.line("metrics", "{\"step\":9,\"loss\":null}\n{\"step\":10,\"lo");
                    for (double point = 0; point < 30; point += 0.25) {
                        run.line(
                                "frontier",
                                Map.of("beta", 1 / (point + 1), "reward", 1.2 * Math.sqrt(point), "kl", point));
                    }
                    run.write();
                }
            }
        }
        drawn().run("failed", "ipo", 1, 9)
                .with("status", "failed")
                .with("error", "NaN")
                .write();
        drawn().run("running", "ipo", 1, 8)
                .with("status", "running")
                .line("metrics", "{\"step\":1,\"loss\":0.5}\n")
                .write();
    }

    private DrawnSweep drawn() {
        return new DrawnSweep(sweep);
    }
}
