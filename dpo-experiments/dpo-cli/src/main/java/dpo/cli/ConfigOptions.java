package dpo.cli;

import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The config of an experiment: a file and overrides. */
final class ConfigOptions {

    @Parameters(paramLabel = "CONFIG.yaml", description = "Config file of the experiment.")
    private Path file = Path.of("");

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Overrides a config key, given by its dotted path; the value is YAML. Repeatable.")
    private List<String> overrides = new ArrayList<>();

    ExperimentFile read(Backends backends) {
        return ExperimentFile.read(file, overrides, backends);
    }

    /** The config file. */
    Path file() {
        return file;
    }
}
