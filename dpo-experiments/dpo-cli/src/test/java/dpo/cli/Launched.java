package dpo.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The real launcher, as a user starts it, in a separate process. */
final class Launched {

    private static final Path ROOT = Path.of("").toAbsolutePath().getParent().getParent();

    /** The second compiler takes half of the time of a process that runs for seconds; results do not depend on it. */
    static final String QUICK_START = "-XX:TieredStopAtLevel=1";

    private final Process process;
    private final Path out;
    private final Path err;

    private Launched(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    record Ended(int code, String out, String err) {}

    static Path root() {
        return ROOT;
    }

    static Launched start(Path scratch, String... arguments) {
        return start(scratch, Map.of(), arguments);
    }

    /** With further variables in the environment; {@code DPO_JAVA_OPTIONS} there replaces the quick start. */
    static Launched start(Path scratch, Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(List.of(ROOT.resolve("dpo").toString()));
        command.addAll(List.of(arguments));
        try {
            Path out = Files.createTempFile(scratch, "stdout", ".txt");
            Path err = Files.createTempFile(scratch, "stderr", ".txt");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            builder.environment().put("DPO_JAVA_OPTIONS", QUICK_START);
            builder.environment().putAll(environment);
            Process process = builder.start();
            return new Launched(process, out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Ended run(Path scratch, String... arguments) {
        return start(scratch, arguments).await();
    }

    Ended await() {
        try {
            if (!process.waitFor(5, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError("the command did not end: " + Files.readString(err));
            }
            return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Ends a process. */
    enum Signal {
        KILL,
        TERM,
        INT
    }

    void send(Signal signal) {
        try {
            new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Kills a process of Linux that the program has started; false if there is none with this word in its command line. */
    boolean killChild(String word) {
        return process.descendants()
                .filter(child -> commandLine(child).contains("\0" + word + "\0"))
                .findFirst()
                .map(ProcessHandle::destroyForcibly)
                .orElse(false);
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
        } catch (IOException ended) {
            return "";
        }
    }

    /** Whether the program itself runs, not the launcher and the start of the virtual machine: it has written something. */
    boolean hasBegun() {
        return err.toFile().length() > 0 || out.toFile().length() > 0;
    }

    boolean isRunning() {
        return process.isAlive();
    }
}
