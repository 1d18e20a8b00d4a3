package dpo.harness.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Experiment files that tests write and read. */
final class Experiments {

    /** The keys that must be given. */
    static final String MINIMAL = """
            name: test
            backend: tabular
            data: {train: {format: world, pairs: 16}}
            optimizer: {learning_rate: 0.1}
            """;

    private Experiments() {}

    /** The only cell of a text. */
    static ExperimentConfig only(Path folder, String text, String... overrides) {
        List<ExperimentFile.Cell> cells = cells(folder, text, overrides);
        assertThat(cells).hasSize(1);
        return cells.get(0).config();
    }

    static List<ExperimentFile.Cell> cells(Path folder, String text, String... overrides) {
        Path file = folder.resolve("experiment.yaml");
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ExperimentFile.read(file, List.of(overrides), Backends.onClassPath())
                .cells();
    }
}
