package dpo.data.tokenization.tokenizer;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/** A running {@link TokenizerServer} and its streams. */
final class ServerProcess implements AutoCloseable {

    /** Exit codes after the signals that a terminal or a scheduler sends to all processes of a run. */
    private static final Set<Integer> STOPPED = Set.of(128 + 1, 128 + 2, 128 + 15);

    private static final List<String> OPTIONS = List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-XX:ErrorFile=/dev/null",
            "--enable-native-access=ALL-UNNAMED",
            // Without it the library asks a cloud metadata address and may download another native library.
            "-Dai.djl.offline=true");

    /** The process ended before it answered. */
    static final class Ended extends Exception {
        private static final long serialVersionUID = 1L;

        private final boolean stopped;

        Ended(String message, boolean stopped, Throwable cause) {
            super(message, cause);
            this.stopped = stopped;
        }

        /** Whether a signal stopped it, independently of the request. */
        boolean stopped() {
            return stopped;
        }
    }

    /** Writes a request. */
    interface Output {
        void write(DataOutputStream out) throws IOException;
    }

    /** Reads an answer. */
    interface Input<T> {
        T read(DataInputStream in) throws IOException;
    }

    private final Process process;
    private final Duration limit;
    private final DataOutputStream out;
    private final DataInputStream in;
    private final Thread errorReader;
    private volatile String panic = "";

    private ServerProcess(Process process, Duration limit) {
        this.process = process;
        this.limit = limit;
        this.out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
        this.in = new DataInputStream(new BufferedInputStream(process.getInputStream()));
        this.errorReader = new Thread(this::readErrors, "tokenizer errors");
        errorReader.setDaemon(true);
        errorReader.start();
    }

    /**
     * Starts a process.
     *
     * @param limit maximum processor time of one request
     */
    static ServerProcess start(Duration limit) {
        List<String> command = Stream.of(
                        Stream.of(Path.of(System.getProperty("java.home"), "bin", "java")
                                .toString()),
                        OPTIONS.stream(),
                        Stream.of("-cp", classPath(), TokenizerServer.class.getName()),
                        Stream.of(Long.toString(limit.toSeconds())))
                .flatMap(part -> part)
                .toList();
        ProcessBuilder builder = new ProcessBuilder(command);
        // These variables have options for another process, such as its heap size.
        List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS").forEach(builder.environment()::remove);
        // The launcher sets it for libtorch; the threads of this library would wait for each other at one heap.
        builder.environment().remove("MALLOC_ARENA_MAX");
        try {
            return new ServerProcess(builder.start(), limit);
        } catch (IOException e) {
            throw new IllegalStateException("a Java process must start, got: " + e.getMessage(), e);
        }
    }

    /**
     * Writes a request and reads its answer.
     *
     * @throws Ended if the process ends without an answer
     * @throws RefusedException if the library fails
     */
    <T> T ask(Output request, Input<T> answer) throws Ended {
        try {
            request.write(out);
            out.flush();
            if (in.readByte() == TokenizerServer.DONE) {
                return answer.read(in);
            }
            throw new RefusedException(TokenizerServer.readText(in));
        } catch (IOException e) {
            throw ended(e);
        }
    }

    /** The library failed; the message is its own. */
    static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private Ended ended(IOException cause) {
        try {
            // The end of its output means that it is about to end.
            int code = process.waitFor();
            errorReader.join();
            String reason = code == TokenizerServer.TOO_LONG
                    ? "no result after " + limit.toSeconds() + " s of processor time"
                    : "a crash of the tokenizers library, exit code " + code + (panic.isEmpty() ? "" : ", " + panic);
            return new Ended(reason, STOPPED.contains(code), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the tokenizer process ended", e);
        }
    }

    /** Stores the first panic; its message follows the line with its location. */
    private void readErrors() {
        try (BufferedReader errors = process.errorReader(StandardCharsets.UTF_8)) {
            for (String line = errors.readLine(); line != null; line = errors.readLine()) {
                if (panic.isEmpty() && line.contains(" panicked at ")) {
                    String what = errors.readLine();
                    panic = what == null ? "panic" : "panic: " + what.strip();
                }
            }
        } catch (IOException e) {
            panic = panic.isEmpty() ? "no message: " + e.getMessage() : panic;
        }
    }

    /** The server's dependencies only, without JNA, which DJL uses to search for GPUs. */
    private static String classPath() {
        return Stream.of(TokenizerServer.class, TokenizersLibrary.class, EngineException.class, LoggerFactory.class)
                .map(ServerProcess::location)
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String location(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the class path must have paths, got " + e.getMessage(), e);
        }
    }
}
