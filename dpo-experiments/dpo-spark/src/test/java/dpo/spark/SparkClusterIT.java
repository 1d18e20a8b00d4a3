package dpo.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.harness.cluster.ClusterException;
import dpo.harness.cluster.ClusterJob;
import dpo.harness.cluster.ProcessEnd;
import dpo.harness.config.TaskResources;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    private ClusterJob job(String url, String... scripts) {
        List<List<String>> commands =
                Stream.of(scripts).map(script -> List.of("sh", "-c", script)).toList();
        return new ClusterJob(url, "scripts", commands, folder, new TaskResources(1, 0, 2));
    }

    private String written(String file) throws IOException {
        return Files.readString(folder.resolve(file)).strip();
    }

    @Test
    void a_process_stops_with_its_executor_and_starts_again_elsewhere() throws IOException {
        String dies = """
                if [ -e first ]; then echo "again, process $(cat first) $(cat ended 2>/dev/null)" > second
                else echo $$ > first; kill -9 $PPID; cat > /dev/null; echo ended > ended; fi
                """;
        List<ProcessEnd> ends = new SparkCluster()
                .run(job("local-cluster[2,1,512]", "echo refused >&2; exit 2", dies, "exit 1"), () -> {}, () -> false);
        assertThat(ends).containsExactly(new ProcessEnd(2, "refused"), new ProcessEnd(0, ""), new ProcessEnd(1, ""));
        assertThat(written("second")).startsWith("again");
        assertThat(written("ended")).isEqualTo("ended");
    }

    @Test
    void a_stop_waits_until_the_processes_have_saved_their_state() throws IOException {
        String works = "trap 'sleep 1; echo saved > state; exit 130' TERM; touch begun; while :; do sleep 0.1; done";
        assertThat(new SparkCluster()
                        .run(
                                job("local-cluster[2,1,512]", works),
                                () -> {},
                                () -> Files.exists(folder.resolve("begun"))))
                .isEmpty();
        assertThat(written("state")).isEqualTo("saved");
    }

    @Test
    void a_process_that_dies_at_each_start_and_a_wrong_address_are_told() {
        assertThatThrownBy(() ->
                        new SparkCluster().run(job("local-cluster[1,1,512]", "kill -9 $$"), () -> {}, () -> false))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("exit code 137 (signal 9)");
        assertThatThrownBy(() -> new SparkCluster().run(job("nonsense", "exit 0"), () -> {}, () -> false))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("nonsense");
    }
}
