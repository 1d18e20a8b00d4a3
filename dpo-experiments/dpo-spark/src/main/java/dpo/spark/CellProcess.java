package dpo.spark;

import dpo.harness.cluster.Cluster;
import dpo.harness.cluster.ProcessEnd;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.resource.ResourceInformation;

/**
 * Runs a command as a process of a Spark task. The process keeps its input open as long as the executor lives; if the
 * task is interrupted, it gets SIGTERM, and the task ends after it.
 *
 * @param directory working folder of the process
 */
record CellProcess(String directory) implements Function<List<String>, ProcessEnd> {

    private static final int LINES = 20;

    /** From here on the shell's exit codes mean a signal. */
    private static final int SIGNALS = 128;

    /** The exit code of a process that has stopped with its state saved. */
    private static final int STOPPED = 130;

    /** The largest exit code of this program that is not due to a signal. */
    private static final int LARGEST = 2;

    @Override
    public ProcessEnd call(List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(withDevice(command))
                .directory(new File(directory))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put(Cluster.STOP_AT_END_OF_INPUT, "true");
        Process process = builder.start();
        Deque<String> last = new ArrayDeque<>();
        Thread reader = new Thread(() -> keepLast(process, last), "messages");
        reader.start();
        int code = exitCode(process);
        reader.join();
        String messages = String.join("\n", last);
        if (code > LARGEST && code != STOPPED) {
            // Spark starts it again, perhaps on another machine.
            throw new IOException("process ended with exit code " + code
                    + (code > SIGNALS ? " (signal " + (code - SIGNALS) + ")" : "") + ": " + messages);
        }
        return new ProcessEnd(code, messages);
    }

    private static List<String> withDevice(List<String> command) {
        Map<String, ResourceInformation> resources = TaskContext.get().resourcesJMap();
        if (!resources.containsKey("gpu")) {
            return command;
        }
        List<String> withDevice = new ArrayList<>(command);
        withDevice.addAll(List.of("--devices", "cuda:" + resources.get("gpu").addresses()[0]));
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
