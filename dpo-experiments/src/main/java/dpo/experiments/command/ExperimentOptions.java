package dpo.experiments.command;

import dpo.experiments.config.Backends;
import dpo.experiments.config.ExperimentFile;
import dpo.experiments.store.OutputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code train} and {@code sweep} have in common: a configuration file, overrides, an output folder. */
final class ExperimentOptions {

    @Parameters(paramLabel = "CONFIG.yaml", description = "The experiment.")
    private Path file = Path.of("");

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Output folder. Default: runs/NAME with the experiment's name.")
    private Optional<Path> out = Optional.empty();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Overrides a key, by dotted path; the value is YAML. May be repeated.")
    private List<String> overrides = new ArrayList<>();

    ExperimentFile read(Backends backends) {
        return ExperimentFile.read(file, overrides, backends);
    }

    Path outputFolder(String name) {
        return out.orElseGet(() -> Path.of("runs", name)).toAbsolutePath().normalize();
    }

    /** The configuration file as it is, with the overrides as comments. */
    String text() {
        try {
            StringBuilder text = new StringBuilder(Files.readString(file));
            overrides.forEach(override -> text.append("\n# --set ").append(override));
            return text.append('\n').toString();
        } catch (IOException e) {
            throw new OutputException("config must be readable, got: " + e.getMessage() + " (" + file + ")");
        }
    }
}
