package dpo.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.harness.cluster.ClusterException;
import dpo.harness.cluster.ClusterJob;
import dpo.harness.cluster.ClusterWatch;
import dpo.harness.cluster.ProcessEnd;
import dpo.harness.config.TaskResources;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Scripts of the shell on a cluster of two executors on this machine. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SparkClusterIT {

    @TempDir
    Path folder;

    /** A Spark installation of the jars of this test. */
    @BeforeAll
    static void install() throws IOException {
        Path jars = Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
        for (String jar : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (jar.endsWith(".jar")) {
                try {
                    Files.createSymbolicLink(jars.resolve(Path.of(jar).getFileName()), Path.of(jar));
                } catch (FileAlreadyExistsException already) {
                    // From an earlier start.
                }
            }
        }
    }

    /** Notes the ends of processes, and stops when a file is there. */
    private final class Notes implements ClusterWatch {

        private final Map<Integer, List<ProcessEnd>> ends = new TreeMap<>();
        private final List<Integer> last = new ArrayList<>();

        @Override
        public boolean isStopRequested() {
            return Files.exists(folder.resolve("stop"));
        }

        @Override
        public void print(String line) {}

        @Override
        public void ended(int command, ProcessEnd end, boolean isLast) {
            ends.computeIfAbsent(command, first -> new ArrayList<>()).add(end);
            if (isLast) {
                last.add(command);
            }
        }

        List<Integer> codes(int command) {
            return ends.get(command).stream().map(ProcessEnd::exitCode).toList();
        }
    }

    private Notes run(String url, TaskResources resources, String... scripts) {
        List<List<String>> commands =
                Stream.of(scripts).map(script -> List.of("sh", "-c", script)).toList();
        Notes notes = new Notes();
        new SparkCluster()
                .run(new ClusterJob(url, "scripts", commands, Map.of("DPO_NOTE", "noted"), folder, resources), notes);
        return notes;
    }

    private String written(String file) throws IOException {
        return Files.readString(folder.resolve(file)).strip();
    }

    @Test
    void a_process_that_ends_badly_or_with_its_executor_starts_again_and_the_others_go_on() throws IOException {
        String dies = """
                if [ -e first ]; then echo "again, process $(cat first) $(cat ended 2>/dev/null)" > second
                else echo $$ > first; kill -9 $PPID; cat > /dev/null; echo ended > ended; fi
                """;
        Notes notes = run(
                "local-cluster[2,1,512]",
                new TaskResources(1, 0, 2, 300),
                "echo $DPO_NOTE >&2; exit 2",
                dies,
                "kill -9 $$",
                "exit 1",
                "exit 0");
        assertThat(notes.ends.get(0)).containsExactly(new ProcessEnd(2, "noted"), new ProcessEnd(2, "noted"));
        assertThat(notes.codes(1)).containsExactly(ProcessEnd.LOST, 0);
        assertThat(notes.codes(2)).containsExactly(137, 137);
        assertThat(notes.codes(3)).containsExactly(1, 1);
        assertThat(notes.codes(4)).containsExactly(0);
        assertThat(notes.last).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
        assertThat(written("second")).startsWith("again");
        assertThat(written("ended")).isEqualTo("ended");
    }

    @Test
    void an_executor_on_which_all_processes_crash_costs_each_of_them_one_start() {
        String crashesThere = """
                if mkdir bad 2>/dev/null; then echo $PPID > pid; mv pid bad/executor; fi
                until [ -e bad/executor ]; do sleep 0.05; done
                if [ $PPID = $(cat bad/executor) ]; then exit 127; fi
                sleep 0.2
                """;
        Notes notes = run(
                "local-cluster[2,1,512]",
                new TaskResources(1, 0, 2, 300),
                crashesThere,
                crashesThere,
                crashesThere,
                crashesThere);
        assertThat(notes.ends.values())
                .allMatch(ends -> ends.get(ends.size() - 1).exitCode() == 0);
        assertThat(notes.ends.values()).anyMatch(ends -> ends.get(0).exitCode() == 127);
        assertThat(notes.last).containsExactlyInAnyOrder(0, 1, 2, 3);
    }

    @Test
    void each_process_has_a_gpu_of_its_machine_and_a_stop_waits_until_all_have_saved_their_state() throws IOException {
        Path discovery = folder.resolve("discovery");
        Files.writeString(discovery, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"4\", \"7\"]}'\n");
        assertThat(discovery.toFile().setExecutable(true)).isTrue();
        System.setProperty("spark.worker.resource.gpu.amount", "2");
        System.setProperty("spark.worker.resource.gpu.discoveryScript", discovery.toString());
        String works = """
                trap 'sleep 1; echo saved > $1.state; exit 130' TERM
                touch $1.begun
                if [ -e cuda:4.begun ] && [ -e cuda:7.begun ]; then touch stop; fi
                while :; do sleep 0.1; done
                """;
        try {
            assertThat(run("local-cluster[1,2,1024]", new TaskResources(1, 1, 1, 60), works, works).ends)
                    .isEmpty();
        } finally {
            System.clearProperty("spark.worker.resource.gpu.amount");
            System.clearProperty("spark.worker.resource.gpu.discoveryScript");
        }
        assertThat(written("cuda:4.state")).isEqualTo("saved");
        assertThat(written("cuda:7.state")).isEqualTo("saved");
    }

    @Test
    void machines_that_are_too_small_and_a_wrong_address_are_told() {
        assertThatThrownBy(() -> run("local-cluster[1,1,512]", new TaskResources(1, 1, 1, 2), "exit 0"))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("an executor with cpus: 1, gpus: 1 for a cell within 2 seconds")
                .hasMessageContaining("local-cluster[1,1,512]");
        assertThatThrownBy(() -> run("nonsense", TaskResources.BY_DEFAULT, "exit 0"))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("cluster must answer at nonsense and have Spark 4.");
    }
}
