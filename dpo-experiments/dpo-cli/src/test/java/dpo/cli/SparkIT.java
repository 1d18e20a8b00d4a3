package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sweep on Spark from the command line. */
class SparkIT {

    private static final Path LIBRARIES = Launched.root().resolve("dpo-experiments/dpo-cli/target/lib");

    private static final String SWEEP = """
            name: small
            backend: tabular
            model: {vocabulary: 5, length: 5, prompts: 2}
            data: {train: {format: world, pairs: 256}, evaluation: {format: world, pairs: 64}}
            objective: {preference: {type: sigmoid}}
            optimizer: {learning_rate: 0.05}
            training: {epochs: 250, batch_size: 16, evaluate_every: 4000, checkpoint_every: 4000}
            sweep: {seed: [1, 2]}
            """;

    @TempDir
    Path scratch;

    @Test
    void ctrl_c_stops_a_cell_at_a_step_and_the_same_command_completes_all() throws IOException {
        assumeTrue(Boolean.getBoolean("dpo.spark"), "the build must have the profile spark");
        Path out = scratch.resolve("out");
        Launched first = sweep(out);
        while (first.isRunning() && records(out).isEmpty()) {
            LockSupport.parkNanos(20_000_000);
        }
        first.send(Launched.Signal.INT);
        Launched.Ended stopped = first.await();
        assertThat(stopped.err()).contains("interrupted; run the same command to resume");
        assertThat(stopped.code()).isEqualTo(130);
        assertThat(records(out)).hasSize(1).allMatch(record -> record.status() == RunRecord.Status.INTERRUPTED);

        Launched.Ended second = sweep(out).await();
        assertThat(second.code()).as(second.err()).isZero();
        assertThat(second.err()).contains("2 computed, 0 already there, 0 failed");
        assertThat(records(out))
                .hasSize(2)
                .allMatch(record -> record.status() == RunRecord.Status.COMPLETED)
                // As many as a cell has processors of its executor.
                .allMatch(record -> "1".equals(record.environment().get("threads")));
    }

    private Launched sweep(Path out) throws IOException {
        Path home = scratch.resolve("spark");
        if (!Files.exists(home)) {
            Files.createSymbolicLink(Files.createDirectory(home).resolve("jars"), LIBRARIES);
        }
        Path config = Files.writeString(scratch.resolve("sweep.yaml"), SWEEP);
        return Launched.start(
                scratch,
                Map.of(
                        "SPARK_HOME",
                        home.toString(),
                        "SPARK_SCALA_VERSION",
                        "2.13",
                        "SPARK_LOCAL_IP",
                        "127.0.0.1",
                        "DPO_JAVA_OPTIONS",
                        Launched.QUICK_START),
                "sweep",
                config.toString(),
                "--out",
                out.toString(),
                "--spark",
                "local-cluster[1,1,512]");
    }

    private static List<RunRecord> records(Path out) {
        return RunFolder.in(out.resolve("runs")).stream()
                .flatMap(run -> run.record().stream())
                .toList();
    }
}
