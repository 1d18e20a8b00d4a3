package dpo.harness.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.InvalidInputException;
import dpo.harness.cluster.Cluster;
import dpo.harness.cluster.ClusterException;
import dpo.harness.cluster.ClusterJob;
import dpo.harness.cluster.ClusterSweep;
import dpo.harness.cluster.ClusterWatch;
import dpo.harness.cluster.ProcessEnd;
import dpo.harness.config.TaskResources;
import dpo.harness.store.Leases;
import dpo.train.Progress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sweeps on a cluster whose processes are calls here, one after the other. */
class ClusterSweepTest {

    private static final String HALVING = "halving={metric: eval/loss, direction: lowest, rungs: [10, 20], keep: 0.5}";

    @TempDir
    Path folder;

    private SweepRuns sweeps;
    private final List<List<String>> jobs = new ArrayList<>();
    private final Set<String> crashes = new HashSet<>();
    private final List<String> printed = new ArrayList<>();

    @BeforeEach
    void open() {
        sweeps = new SweepRuns(folder);
    }

    /** Computes each cell by a worker of its own. */
    private final class Calls implements Cluster {

        private final String name;
        private final String[] overrides;

        Calls(String name, String... overrides) {
            this.name = name;
            this.overrides = overrides;
        }

        @Override
        public String name() {
            return "calls";
        }

        @Override
        public void run(ClusterJob job, ClusterWatch watch) {
            jobs.add(job.commands().stream().map(command -> command.get(0)).toList());
            for (int i = 0; i < job.commands().size(); i++) {
                watch.ended(i, end(job.commands().get(i).get(0)), true);
            }
        }

        private ProcessEnd end(String cell) {
            if (crashes.contains(cell)) {
                return new ProcessEnd(134, "a native library died");
            }
            compute(cell);
            return new ProcessEnd(ProcessEnd.DONE, "");
        }

        private void compute(String cell) {
            try (Leases leases = leases(name, cell.replaceAll("\\W", "-"))) {
                sweeps.sweep(name, overrides)
                        .only(Set.of(cell))
                        .run(
                                sweeps.execution(name, leases),
                                1,
                                SweepRuns.EXPERIMENT,
                                Progress.SILENT,
                                new ArrayList<>()::add);
            }
        }
    }

    private Leases leases(String name, String worker) {
        return new Leases(folder.resolve(name).resolve(Sweep.LEASES), worker, Duration.ofSeconds(8));
    }

    private Sweep.Outcome run(Cluster cluster, String name, String... overrides) {
        try (Leases leases = leases(name, "client")) {
            return new ClusterSweep(
                            cluster,
                            "",
                            List::of,
                            Map.of(),
                            TaskResources.BY_DEFAULT,
                            sweeps.sweep(name, overrides),
                            sweeps.execution(name, leases),
                            Progress.SILENT,
                            printed::add)
                    .run("world", SweepRuns.EXPERIMENT);
        }
    }

    @Test
    void each_cell_is_one_process_and_the_bytes_are_those_of_one_process_for_all() {
        sweeps.start("one", 1, Progress.SILENT);
        assertThat(run(new Calls("many"), "many")).isEqualTo(new Sweep.Outcome(6, 0, 0, 0, List.of(), false));
        assertThat(jobs).extracting(List::size).containsExactly(6);
        assertThat(sweeps.results("many")).isEqualTo(sweeps.results("one"));
        assertThat(sweeps.numbers("many")).isEqualTo(sweeps.numbers("one"));
        assertThat(run(new Calls("many"), "many")).isEqualTo(new Sweep.Outcome(0, 6, 0, 0, List.of(), false));
        assertThat(jobs).hasSize(1);
    }

    @Test
    void halving_is_a_job_per_rung_for_the_cells_that_are_left() {
        sweeps.start("one", 1, Progress.SILENT, () -> false, new ArrayList<>(), HALVING);
        assertThat(run(new Calls("many", HALVING), "many", HALVING))
                .isEqualTo(new Sweep.Outcome(2, 0, 0, 4, List.of(), false));
        // Of the 4 and 2 that continue, the last one at a rung finds all others there and goes on at once.
        assertThat(jobs).extracting(List::size).containsExactly(6, 3, 1);
        assertThat(sweeps.results("many")).isEqualTo(sweeps.results("one"));
    }

    @Test
    void a_cell_that_fails_is_tried_once_in_each_start() {
        String rates = "sweep={optimizer.learning_rate: [0.01, 1.0e+308]}";
        assertThat(run(new Calls("some", rates), "some", rates))
                .isEqualTo(new Sweep.Outcome(1, 0, 1, 0, List.of(), false));
        assertThat(run(new Calls("some", rates), "some", rates))
                .isEqualTo(new Sweep.Outcome(0, 1, 1, 0, List.of(), false));
        assertThat(jobs).extracting(List::size).containsExactly(2, 1);
    }

    @Test
    void a_cell_that_crashes_is_left_open_and_the_others_go_on() {
        run(new Calls("all"), "all");
        String crashing = jobs.get(0).get(1);
        crashes.add(crashing);
        assertThat(run(new Calls("many"), "many")).isEqualTo(new Sweep.Outcome(5, 0, 0, 0, List.of(crashing), false));
        assertThat(printed)
                .contains(crashing + " ended with exit code 134 (signal 6), unfinished: a native library died");
        crashes.clear();
        assertThat(run(new Calls("many"), "many")).isEqualTo(new Sweep.Outcome(1, 5, 0, 0, List.of(), false));
        assertThat(jobs).extracting(List::size).containsExactly(6, 6, 1);
    }

    @Test
    void a_cell_that_crashes_keeps_the_others_at_a_rung_of_halving() {
        run(new Calls("all", HALVING), "all", HALVING);
        String crashing = jobs.get(0).get(5);
        crashes.add(crashing);
        assertThat(run(new Calls("many", HALVING), "many", HALVING))
                .isEqualTo(new Sweep.Outcome(0, 0, 0, 0, List.of(crashing), false));
        crashes.clear();
        assertThat(run(new Calls("many", HALVING), "many", HALVING).open()).isEmpty();
        assertThat(sweeps.results("many")).isEqualTo(sweeps.results("all"));
    }

    /** A cluster whose processes all end in the same way. */
    private record Ending(ProcessEnd end) implements Cluster {

        @Override
        public String name() {
            return "ending";
        }

        @Override
        public void run(ClusterJob job, ClusterWatch watch) {
            watch.ended(0, end, true);
        }
    }

    @Test
    void processes_that_compute_nothing_end_the_sweep() {
        assertThatThrownBy(() -> run(new Ending(new ProcessEnd(ProcessEnd.DONE, "")), "idle"))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("the folder must be shared");
    }

    @Test
    void what_a_process_refuses_is_the_message() {
        assertThatThrownBy(() -> run(
                        new Ending(new ProcessEnd(ProcessEnd.REFUSED, "error: workers must have the same program")),
                        "refusing"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("workers must have the same program");
    }
}
