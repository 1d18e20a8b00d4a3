package dpo.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.harness.cluster.ClusterException;
import dpo.harness.cluster.ClusterJob;
import dpo.harness.cluster.ClusterWatch;
import dpo.harness.cluster.ProcessEnd;
import dpo.harness.config.TaskResources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PatienceTest {

    private static final Executors.Size SMALL = new Executors.Size(2, 0);
    private static final Executors.Size ENOUGH = new Executors.Size(4, 1);

    private final List<String> printed = new ArrayList<>();
    private long seconds;

    private final ClusterWatch watch = new ClusterWatch() {
        @Override
        public boolean isStopRequested() {
            return false;
        }

        @Override
        public void print(String line) {
            printed.add(line);
        }

        @Override
        public void ended(int command, ProcessEnd end, boolean isLast) {}
    };

    private final Patience patience = new Patience(
            new ClusterJob("spark://host:7077", "", List.of(), Map.of(), Path.of(""), new TaskResources(4, 1, 4, 300)),
            watch,
            () -> TimeUnit.SECONDS.toNanos(seconds));

    @Test
    void what_is_missing_is_told_once_after_a_minute_and_again_at_the_end() {
        seconds = 59;
        patience.require(List.of());
        assertThat(printed).isEmpty();
        seconds = 61;
        patience.require(List.of(SMALL, SMALL));
        seconds = 299;
        patience.require(List.of());
        assertThat(printed)
                .containsExactly("waiting for an executor with cpus: 4, gpus: 1 for a cell, got 2 with cpus: 2, gpus: 0"
                        + " (spark://host:7077)");
        seconds = 300;
        assertThatThrownBy(() -> patience.require(List.of()))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("got none that has registered with this client (spark://host:7077)")
                .hasMessageContaining("within 300 seconds (cluster.patience)");
    }

    @Test
    void the_time_begins_when_the_last_executor_that_can_hold_a_cell_is_lost() {
        seconds = 290;
        patience.require(List.of(SMALL, ENOUGH));
        seconds = 580;
        assertThatCode(() -> patience.require(List.of(SMALL))).doesNotThrowAnyException();
        seconds = 590;
        assertThatThrownBy(() -> patience.require(List.of(SMALL))).isInstanceOf(ClusterException.class);
    }
}
