package dpo.cli;

import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentFile;
import dpo.harness.store.OutputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code train} and {@code sweep} have in common: a configuration file, overrides, an output folder. */
final class ExperimentOptions {

    @Parameters(paramLabel = "CONFIG.yaml", description = "Config file of the experiment.")
    private Path file = Path.of("");

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Output folder. Default: runs/NAME, with the name in the config.")
    private Optional<Path> out = Optional.empty();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Overrides a config key, given by its dotted path; the value is YAML. Repeatable.")
    private List<String> overrides = new ArrayList<>();

    ExperimentFile read(Backends backends) {
        return ExperimentFile.read(file, overrides, backends);
    }

    /**
     * The folder that is asked for.
     *
     * @throws OutputException where its {@code config.yaml} would replace the configuration file that a user wrote
     */
    Path outputFolder(String name) {
        Path folder =
                out.orElseGet(() -> Path.of("runs", name)).toAbsolutePath().normalize();
        boolean wouldReplace = file.toAbsolutePath().normalize().equals(folder.resolve("config.yaml"));
        boolean isOfRuns =
                Stream.of("run.json", "ledger.jsonl").map(folder::resolve).anyMatch(Files::exists);
        if (wouldReplace && !isOfRuns) {
            throw new OutputException("output folder must not be that of the configuration file where this is called"
                    + " config.yaml, got " + folder);
        }
        return folder;
    }
}
