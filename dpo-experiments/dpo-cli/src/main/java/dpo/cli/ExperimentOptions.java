package dpo.cli;

import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentFile;
import dpo.harness.store.OutputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of {@code train} and {@code sweep}: the config and an output folder. */
final class ExperimentOptions {

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Output folder. Default: runs/NAME, with the name in the config.")
    private Optional<Path> out = Optional.empty();

    ExperimentFile read(Backends backends) {
        return config.read(backends);
    }

    /** The folder of the config file. */
    Path sources() {
        return Objects.requireNonNull(config.file().toAbsolutePath().getParent());
    }

    /**
     * The output folder.
     *
     * @throws OutputException if writing {@code config.yaml} to it would replace the user's configuration file
     */
    Path outputFolder(String name) {
        Path folder =
                out.orElseGet(() -> Path.of("runs", name)).toAbsolutePath().normalize();
        boolean wouldReplace = config.file().toAbsolutePath().normalize().equals(folder.resolve("config.yaml"));
        boolean isOfRuns = Stream.of("run.json", "ledger.jsonl", "ledger")
                .map(folder::resolve)
                .anyMatch(Files::exists);
        if (wouldReplace && !isOfRuns) {
            throw new OutputException(
                    "output folder must not be that of a configuration file named" + " config.yaml, got " + folder);
        }
        return folder;
    }
}
