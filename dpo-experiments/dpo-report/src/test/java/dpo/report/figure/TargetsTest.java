package dpo.report.figure;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetsTest {

    @TempDir
    private Path sweep;

    private DrawnSweep drawn() {
        return new DrawnSweep(sweep);
    }

    private void write(double beta, int seed, Map<String, Double> target) {
        Map<String, Double> result = new TreeMap<>(target);
        result.put("world/kl", 0.3 / beta + 0.01 * seed);
        result.put("world/reward", 1 - beta);
        drawn().run("b" + beta + "-" + seed, "sigmoid", beta, seed)
                .result(result)
                .line("frontier", "{\"beta\":9,\"reward\":0.1,\"kl\":0}\n{\"beta\":0.1,\"reward\":4,\"kl\":9}\n")
                .write();
    }

    private static Map<String, Double> target(double kl, double reward) {
        return Map.of("world/target_kl", kl, "world/target_reward", reward);
    }

    @Test
    void the_optimum_of_each_beta_is_marked_once_named_and_tied_to_the_mean_of_its_runs() throws Exception {
        write(0.35, 1, target(8, 3.7));
        write(0.35, 2, target(8, 3.7));
        write(0.8, 1, target(4, 2.5));
        write(0.8, 2, target(4, 2.5));
        Figure plane = drawn().figure("reward-kl");
        assertThat(plane.caption()).contains("Black dots on it: the optimum of each β");
        assertThat(DrawnSweep.texts(plane)).contains("optimum π*_β of each β", "enlarged: KL ≤ 0.88 nats");
        // The first panel names the optima, the enlarged one the runs.
        assertThat(DrawnSweep.texts(plane)).containsOnlyOnce("0.35").containsOnlyOnce("β = 0.35");
    }

    @Test
    void runs_without_a_beta_have_no_optimum_of_their_own() {
        write(0.5, 1, Map.of());
        write(1, 1, target(4, Double.NaN));
        assertThat(drawn().figure("reward-kl").caption()).doesNotContain("optimum of each β");
    }

    @Test
    void metrics_with_a_bound_show_it() {
        for (double beta : new double[] {0.5, 1}) {
            drawn().run("b" + beta, "sigmoid", beta, 1)
                    .result(Map.of("world/accuracy", 0.7, "world/bayes_accuracy", 0.84))
                    .write();
        }
        Figure metrics = drawn().figure("metrics-against-beta");
        assertThat(metrics.caption()).contains("Dashed lines: the true reward, which no policy surpasses.");
        assertThat(metrics.svg()).contains("accuracy on the world").contains("stroke-dasharray=\"5,4\"");
    }
}
