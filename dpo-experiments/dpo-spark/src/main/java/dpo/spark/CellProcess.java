package dpo.spark;

import dpo.harness.cluster.ProcessEnd;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.resource.ResourceInformation;

/**
 * Runs a command as a process of a Spark task. The process keeps its input open as long as the executor lives; if the
 * task is interrupted, it gets SIGTERM, and the task ends after it.
 *
 * @param directory working folder of the process
 * @param environment variables of the process, beside those of the executor
 */
record CellProcess(String directory, Map<String, String> environment)
        implements Function<List<String>, CellProcess.Ended> {

    /** Spark's name of the resource. */
    static final String GPU = "gpu";

    private static final int LINES = 20;

    /**
     * The end of a task.
     *
     * @param executor id of the executor
     * @param end how the process has ended
     */
    record Ended(String executor, ProcessEnd end) implements Serializable {}

    @Override
    public Ended call(List<String> command) throws InterruptedException {
        return new Ended(SparkEnv.get().executorId(), end(command));
    }

    private ProcessEnd end(List<String> command) throws InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(withDevice(command))
                .directory(new File(directory))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(environment);
        Process process;
        try {
            process = builder.start();
        } catch (IOException absent) {
            return new ProcessEnd(
                    ProcessEnd.REFUSED,
                    "program and working folder must be on all machines, got: " + absent.getMessage());
        }
        Deque<String> last = new ArrayDeque<>();
        Thread reader = new Thread(() -> keepLast(process, last), "messages");
        reader.start();
        int code = exitCode(process);
        reader.join();
        return new ProcessEnd(code, String.join("\n", last));
    }

    private static List<String> withDevice(List<String> command) {
        Map<String, ResourceInformation> resources = TaskContext.get().resourcesJMap();
        if (!resources.containsKey(GPU)) {
            return command;
        }
        List<String> withDevice = new ArrayList<>(command);
        withDevice.addAll(List.of("--devices", "cuda:" + resources.get(GPU).addresses()[0]));
        return withDevice;
    }

    private static int exitCode(Process process) throws InterruptedException {
        try {
            return process.waitFor();
        } catch (InterruptedException cancelled) {
            process.destroy();
            return process.waitFor();
        }
    }

    private static void keepLast(Process process, Deque<String> last) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                last.addLast(line);
                if (last.size() > LINES) {
                    last.removeFirst();
                }
            }
        } catch (IOException closed) {
            last.addLast("messages cannot be read: " + closed.getMessage());
        }
    }
}
