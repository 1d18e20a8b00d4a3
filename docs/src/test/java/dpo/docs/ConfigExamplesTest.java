package dpo.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The YAML of the pages binds: complete configurations unchanged, parts after the missing keys are added. */
class ConfigExamplesTest {

    private static final Map<String, String> REQUIRED = Map.of(
            "name", "example",
            "backend", "tabular",
            "data", "{train: {format: world, pairs: 8}}",
            "optimizer", "{learning_rate: 0.01}");

    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0}")
    @MethodSource("examples")
    void every_configuration_of_the_pages_binds(Page.Block example) throws IOException {
        StringBuilder yaml = new StringBuilder(example.content());
        REQUIRED.forEach((key, value) -> {
            if (example.content().lines().noneMatch(line -> line.startsWith(key + ":"))) {
                yaml.append(key).append(": ").append(value).append('\n');
            }
        });
        Path file = Files.writeString(folder.resolve("example.yaml"), yaml);
        assertThat(ExperimentFile.read(file, List.of(), Backends.onClassPath()).cells())
                .isNotEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("shipped")
    void every_shipped_configuration_binds(Path file) {
        assertThat(ExperimentFile.read(file, List.of(), Backends.onClassPath()).cells())
                .isNotEmpty();
    }

    static List<Path> shipped() throws IOException {
        try (Stream<Path> files = Files.list(Repository.path("configs"))) {
            return files.filter(file -> file.toString().endsWith(".yaml")).toList();
        }
    }

    static List<Page.Block> examples() {
        return Repository.pages().stream()
                // Its example needs the classes of that page: ExtendingIT runs it.
                .filter(page -> !page.toString().equals("extending.md"))
                // Its example needs the profile nd4j: BackendsPageTest of that module reads it.
                .filter(page -> !page.toString().equals("backends.md"))
                // Its example is a report's: ReportExampleTest reads it.
                .filter(page -> !page.toString().equals("paper.md"))
                .flatMap(page -> page.blocks("yaml"))
                .toList();
    }
}
