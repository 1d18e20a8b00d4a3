package dpo.harness.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.InvalidInputException;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes and devices of runs. */
class PlacementTest {

    @TempDir
    private Path folder;

    private SweepRuns sweeps;

    @BeforeEach
    void open() {
        sweeps = new SweepRuns(folder);
    }

    private ExperimentConfig config() {
        return sweeps.plan().get(0).config();
    }

    private void refused(int ranks, List<String> devices, int atOnce, String message, String... overrides) {
        assertThatThrownBy(() -> new Placement(ranks, false, devices)
                        .requireUsable(sweeps.file(overrides).cells(), atOnce, Backends.onClassPath()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void devices_that_no_cell_can_use_are_refused() {
        refused(1, List.of("cuda:0", "cuda:1", "cuda:0"), 1, "--devices must be different devices, got cuda:0,cuda:1");
        refused(
                1,
                List.of("cuda:0"),
                1,
                "--devices must be of the kind of the configuration's device (cpu), got cuda:0");
        refused(1, List.of("cuda:0"), 1, "device of each process must be there, got cuda:0: ", "device=cuda");
        refused(1, List.of("cuda:0"), 2, "(--cells 2, --ranks 1), got 1", "device=cuda");
        refused(2, List.of("cuda:0", "cuda:1", "cuda:2"), 2, "(--cells 2, --ranks 2), got 3", "device=cuda");
        refused(2, List.of(), 1, "--devices must name one device per rank", "device=cuda:1");
    }

    @Test
    void several_ranks_need_a_backend_and_a_method_that_share_steps() {
        refused(0, List.of(), 1, "--ranks must be at least 1, got 0");
        refused(2, List.of(), 1, "ranks must be 1 with the backend tabular, got 2");
        refused(
                2,
                List.of(),
                1,
                "--ranks must be 1 with a method that learns from a reward, got 2",
                "method={type: rloo, reward: true}",
                "objective={preference: {type: sigmoid}}");
    }

    @Test
    void each_rank_needs_a_micro_batch() {
        List<PlannedRun> runs = sweeps.plan("training={batch_size: 6, micro_batch_size: 3}");
        new Placement(2, false, List.of()).requireWork(runs);
        assertThatThrownBy(() -> new Placement(3, false, List.of()).requireWork(runs))
                .hasMessageContaining("--ranks must be at most the number of micro-batches of a step, got 3 for 2");
    }

    @Test
    void a_rank_has_its_part_of_the_threads_and_one_of_the_devices() {
        ExperimentConfig of = config().on("cuda", Optional.of(7));
        Placement two = new Placement(2, false, List.of());
        assertThat(two.of(of)).containsExactly("cuda:0", "cuda:1");
        assertThat(two.on("cuda:1", of).execution().threads()).isEqualTo(3);
        assertThat(two.on("cuda:1", of).device()).isEqualTo("cuda:1");
        assertThat(two.of(of.on("cpu", Optional.of(1)))).containsExactly("cpu", "cpu");
        assertThat(two.on("cpu", of.on("cpu", Optional.of(1))).execution().threads())
                .isEqualTo(1);
        assertThat(Placement.OF_CONFIG.on("cpu", config())).isEqualTo(config());
    }

    @Test
    void models_in_one_memory_are_counted() {
        List<PlannedRun> runs = sweeps.plan();
        assertThat(new Placement(3, false, List.of()).inOneMemory(runs)).hasSize(3 * runs.size());
        assertThat(new Placement(3, false, List.of()).inOneMemory(2, "cpu")).isEqualTo(6);
        assertThat(new Placement(2, false, List.of()).inOneMemory(2, "cuda")).isEqualTo(2);
        assertThat(new Placement(1, false, List.of("cuda:0", "cuda:1")).inOneMemory(2, "cuda"))
                .isEqualTo(1);
    }

    @Test
    void ranks_in_one_process_need_one_device_and_one_model_with_the_threads_of_a_rank() {
        ExperimentConfig of = config().on("cuda", Optional.of(7));
        Placement inTurn = new Placement(2, true, List.of());
        assertThat(inTurn.of(of)).containsExactly("cuda");
        assertThat(inTurn.onFirst(of).execution().threads()).isEqualTo(3);
        assertThat(inTurn.inOneMemory(sweeps.plan())).hasSameSizeAs(sweeps.plan());
        assertThat(inTurn.inOneMemory(2, "cpu")).isEqualTo(2);
        assertThat(new DevicePool(new Placement(2, true, List.of("cuda:3")))
                        .take(config())
                        .devices())
                .containsExactly("cuda:3");
        assertThatThrownBy(() -> new Placement(3, true, List.of())
                        .requireWork(sweeps.plan("training={batch_size: 6, micro_batch_size: 3}")))
                .hasMessageContaining("--ranks must be at most the number of micro-batches of a step, got 3 for 2");
        assertThatThrownBy(() -> new Placement(2, true, List.of("cuda:0"))
                        .requireUsable(sweeps.file("device=cuda").cells(), 2, Backends.onClassPath()))
                .hasMessageContaining("(--cells 2), got 1");
    }

    @Test
    @Timeout(60)
    void cells_take_the_first_free_devices_and_wait_until_there_are_enough() throws InterruptedException {
        DevicePool pool =
                new DevicePool(new Placement(2, false, List.of("cuda:0", "cuda:1", "cuda:2", "cuda:3", "cuda:4")));
        DevicePool.Taken first = pool.take(config());
        DevicePool.Taken second = pool.take(config());
        assertThat(first.devices()).containsExactly("cuda:0", "cuda:1");
        assertThat(second.devices()).containsExactly("cuda:2", "cuda:3");
        BlockingQueue<List<String>> third = new LinkedBlockingQueue<>();
        Thread waiting =
                new Thread(() -> third.add(new ArrayList<>(pool.take(config()).devices())));
        waiting.start();
        waiting.join(Duration.ofMillis(100).toMillis());
        assertThat(third).isEmpty();
        first.close();
        assertThat(third.take()).containsExactly("cuda:0", "cuda:1");
    }
}
