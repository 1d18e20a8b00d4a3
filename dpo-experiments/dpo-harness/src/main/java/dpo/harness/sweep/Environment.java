package dpo.harness.sweep;

import dpo.core.backend.Backend;
import dpo.data.tokenization.tokenizer.HuggingFaceTokenizer;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * Program and machine of a run, recorded in {@code run.json}: versions, source commits, processor, memory, GPU, native
 * libraries. It is not part of a run's identity; an entry that the system does not report is absent.
 */
final class Environment {

    private static final long MIB = 1L << 20;

    private final Map<String, String> entries = new LinkedHashMap<>();

    private Environment() {}

    /**
     * The entries by name.
     *
     * @param config the run on its device, with the threads of a process
     * @param ranks number of shares of a step
     * @param sources the commit of the repository that holds the configuration file; empty if it is in none
     */
    static Map<String, String> of(ExperimentConfig config, int ranks, Backends backends, Optional<GitCommit> sources) {
        Environment environment = new Environment();
        environment.program(sources);
        environment.machine();
        environment.backend(config, backends.find(config.backend()).orElseThrow());
        if (ranks > 1) {
            environment.entries.put("ranks", Integer.toString(ranks));
        }
        return environment.entries;
    }

    private void program(Optional<GitCommit> ofConfig) {
        entries.put("dpo", CodeVersion.ofBuild());
        ofBuild().ifPresent(commit -> entries.put("commit", commit.toString()));
        ofConfig.ifPresent(commit -> entries.put("config_commit", commit.toString()));
        entries.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.version"));
        entries.put("java_vendor", System.getProperty("java.vendor"));
    }

    /** The commit that this program was built from; empty if it was built outside of a repository. */
    static Optional<GitCommit> ofBuild() {
        try (InputStream in = Environment.class.getResourceAsStream("commit.properties")) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return Optional.ofNullable(properties.getProperty("git.commit.id"))
                    .map(id -> new GitCommit(id, Boolean.parseBoolean(properties.getProperty("git.dirty"))));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the commit of the build", e);
        }
    }

    private void machine() {
        entries.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        entries.put("arch", System.getProperty("os.arch"));
        processor().ifPresent(model -> entries.put("cpu", model));
        entries.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system) {
            entries.put("memory", system.getTotalMemorySize() / MIB + " MiB");
        }
    }

    /** The model of the processor, as Linux reports it. */
    private static Optional<String> processor() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
        } catch (IOException | UncheckedIOException anotherSystem) {
            return Optional.empty();
        }
    }

    private void backend(ExperimentConfig config, Backend<?> backend) {
        entries.put("backend", config.backend());
        if (!backend.version().isEmpty()) {
            entries.put("engine", backend.version());
        }
        entries.put("device", config.device());
        entries.put("threads", Integer.toString(config.execution().threads()));
        backend.environment().forEach(entries::put);
        boolean readsText = config.data().train().match(text -> true, world -> false);
        if (readsText) {
            entries.put("tokenizers", HuggingFaceTokenizer.version());
        }
    }
}
