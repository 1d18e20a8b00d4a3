package dpo.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.harness.config.ConfigValue;
import dpo.lab.Experiment;
import dpo.lab.Experiments;
import dpo.lab.Outcome;
import dpo.lab.Verdict;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/theory.md: its experiments are those of the laboratory, and its own experiment compiles and runs. */
class TheoryPageTest {

    private static final Page PAGE = Repository.page("docs/theory.md");

    @Test
    void the_page_names_every_experiment() {
        assertThat(PAGE.codeSpans())
                .containsAll(Experiments.all().stream()
                        .map(type -> Experiment.claim(type).name())
                        .toList());
    }

    @Test
    void the_experiment_of_the_page_compiles_and_runs(@TempDir Path folder) throws Exception {
        String source = PAGE.blocks("java").findFirst().orElseThrow().content();
        Path file = Files.writeString(folder.resolve("Coin.java"), source);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        List<String> options = List.of(
                "-d", folder.toString(), "-cp", System.getProperty("java.class.path"), "--release", "17", "-proc:none");
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(
                            messages, manager, null, options, null, manager.getJavaFileObjects(file))
                    .call();
            assertThat(compiled).as(messages.toString()).isTrue();
        }
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            Class<? extends Experiment> coin = loader.loadClass("example.Coin").asSubclass(Experiment.class);
            assertThat(run(coin, Map.of()).verdict()).isEqualTo(Verdict.HOLDS);
            assertThat(run(coin, Map.of("heads", "0.3")).disagreements()).hasSize(1);
        }
    }

    private static Outcome run(Class<? extends Experiment> type, Map<String, String> settings) {
        return ((Experiment) ConfigValue.settings(Experiment.settings(type), settings)).run();
    }
}
