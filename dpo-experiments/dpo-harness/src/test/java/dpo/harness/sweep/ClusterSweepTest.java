package dpo.harness.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.InvalidInputException;
import dpo.harness.cluster.Cluster;
import dpo.harness.cluster.ClusterException;
import dpo.harness.cluster.ClusterJob;
import dpo.harness.cluster.ClusterSweep;
import dpo.harness.cluster.ProcessEnd;
import dpo.harness.config.TaskResources;
import dpo.harness.store.Leases;
import dpo.train.Progress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
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
        public List<ProcessEnd> run(ClusterJob job, Runnable look, BooleanSupplier stopRequested) {
            jobs.add(job.commands().stream().map(command -> command.get(0)).toList());
            look.run();
            return job.commands().stream()
                    .map(command -> new ProcessEnd(compute(command.get(0)), ""))
                    .toList();
        }

        private int compute(String cell) {
            try (Leases leases = leases(name, cell.replaceAll("\\W", "-"))) {
                Sweep.Outcome end = sweeps.sweep(name, overrides)
                        .only(Set.of(cell))
                        .run(
                                sweeps.execution(name, leases),
                                1,
                                SweepRuns.EXPERIMENT,
                                Progress.SILENT,
                                new ArrayList<>()::add);
                return end.failed() == 0 ? 0 : 1;
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
                            new TaskResources(1, 0, 1),
                            sweeps.sweep(name, overrides),
                            sweeps.execution(name, leases),
                            Progress.SILENT,
                            new ArrayList<>()::add)
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
    void processes_that_compute_nothing_end_the_sweep() {
        Cluster idle = new Cluster() {
            @Override
            public String name() {
                return "idle";
            }

            @Override
            public List<ProcessEnd> run(ClusterJob job, Runnable look, BooleanSupplier stopRequested) {
                return List.of(new ProcessEnd(0, ""));
            }
        };
        assertThatThrownBy(() -> run(idle, "idle"))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("the folder must be shared");
    }

    @Test
    void what_a_process_refuses_is_the_message() {
        Cluster refusing = new Cluster() {
            @Override
            public String name() {
                return "refusing";
            }

            @Override
            public List<ProcessEnd> run(ClusterJob job, Runnable look, BooleanSupplier stopRequested) {
                return List.of(new ProcessEnd(2, "error: workers must have the same program"));
            }
        };
        assertThatThrownBy(() -> run(refusing, "refusing"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("workers must have the same program");
    }
}
