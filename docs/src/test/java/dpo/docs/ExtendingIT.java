package dpo.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dpo.core.backend.BackendContract;
import dpo.core.loss.LossContract;
import dpo.core.metric.MetricContract;
import dpo.data.source.SourceContract;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * The examples of docs/extending.md compile without a warning, pass their contract tests, and work on the command line.
 */
class ExtendingIT {

    private static final Page PAGE = Repository.page("docs/extending.md");
    private static final Pattern TYPE = Pattern.compile("(?m)^(?:public )?(?:final )?(?:class|record) (\\w+)");
    private static final Map<String, Class<?>> CONTRACTS = Map.of(
            "SquaredHingeLossTest", LossContract.class,
            "ClearWinsTest", MetricContract.class,
            "JudgementsTest", SourceContract.class,
            "StableLmTest", BackendContract.class,
            "UnigramBackendTest", BackendContract.class);

    @TempDir
    static Path folder;

    private static Path classes;

    private record Ended(int code, String output) {}

    @BeforeAll
    static void compile() throws IOException {
        Path sources = Files.createDirectories(folder.resolve("sources/example"));
        classes = Files.createDirectories(folder.resolve("classes"));
        List<Path> files = new ArrayList<>();
        for (Page.Block block : PAGE.blocks("java").toList()) {
            files.add(Files.writeString(sources.resolve(typeOf(block) + ".java"), block.content()));
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        List<String> options = List.of(
                "-d",
                classes.toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "--release",
                "17",
                "-parameters",
                "-Xlint:all,-classfile,-path,-processing",
                "-Werror",
                "-proc:none");
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(
                            messages, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files))
                    .call();
            assertThat(compiled).as(messages.toString()).isTrue();
        }
        for (Page.Block block : PAGE.blocks("text").toList()) {
            Path file = classes.resolve(block.title());
            Files.createDirectories(file.getParent());
            Files.writeString(file, block.content());
        }
    }

    @Test
    void every_example_passes_its_contract_tests() throws Exception {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
            Thread.currentThread().setContextClassLoader(loader);
            for (Map.Entry<String, Class<?>> contract : CONTRACTS.entrySet()) {
                Class<?> test = loader.loadClass("example." + contract.getKey());
                assertThat(contract.getValue()).isAssignableFrom(test);
                TestExecutionSummary summary = run(test);
                assertThat(summary.getFailures()).as(contract.getKey()).isEmpty();
                assertThat(summary.getTestsSucceededCount()).isGreaterThanOrEqualTo(laws(contract.getValue()));
            }
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    /** Runs if the system property {@code dpo.python} names a Python interpreter with transformers. */
    @Test
    void the_script_of_the_page_makes_the_checkpoint_of_its_test() throws Exception {
        String python = System.getProperty("dpo.python", "");
        assumeThat(python)
                .as("system property dpo.python: a Python interpreter with transformers")
                .isNotEmpty();
        Process process = new ProcessBuilder(python, "-c", only("python").content())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
        for (String file : List.of("config.json", "model.safetensors")) {
            String path = "src/test/resources/stablelm/" + file;
            assertThat(folder.resolve(path)).hasSameBinaryContentAs(Path.of(path));
        }
    }

    @Test
    void the_three_examples_train_together_on_the_command_line() throws Exception {
        Files.writeString(folder.resolve("judgements.jsonl"), only("json").content());
        Files.writeString(folder.resolve("unigram.yaml"), config("unigram"));
        copy(Repository.path("dpo-data/src/test/resources/tiny"), folder.resolve("tokenizer"));

        Ended audit = dpo("data", "audit", "judgements.jsonl", "--format", "example.Judgements");
        assertThat(audit.code()).as(audit.output()).isZero();
        Ended train = dpo("train", "unigram.yaml", "--out", "runs/unigram");
        assertThat(train.code()).as(train.output()).isZero();
        Path run = folder.resolve("runs/unigram");
        assertThat(Repository.text(run.resolve("config.yaml")))
                .contains("type: example.SquaredHingeLoss", "margin: 1.0", "format: example.Judgements");
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl")))
                .hasSize(6)
                .allMatch(line -> line.contains("\"custom/clear_wins\":"));
        assertThat(run.resolve("checkpoints/final/logits.txt")).isNotEmptyFile();
    }

    @Test
    void the_loss_trains_in_a_sweep_of_the_tabular_backend() throws Exception {
        Files.writeString(folder.resolve("own-loss.yaml"), config("own-loss"));

        Ended sweep = dpo("sweep", "own-loss.yaml", "--out", "runs/own-loss");

        assertThat(sweep.code()).as(sweep.output()).isZero();
        assertThat(sweep.output()).contains("2 computed, 0 already there, 0 failed");
    }

    private static String config(String name) {
        List<String> configs = PAGE.blocks("yaml")
                .map(Page.Block::content)
                .filter(config -> config.startsWith("name: " + name))
                .toList();
        assertThat(configs).hasSize(1);
        return configs.get(0);
    }

    private static Page.Block only(String language) {
        List<Page.Block> blocks = PAGE.blocks(language).toList();
        assertThat(blocks).hasSize(1);
        return blocks.get(0);
    }

    private static String typeOf(Page.Block block) {
        Matcher type = TYPE.matcher(block.content());
        assertThat(type.find()).as("type in " + block).isTrue();
        return type.group(1);
    }

    private static long laws(Class<?> contract) {
        return Arrays.stream(contract.getMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .count();
    }

    private static TestExecutionSummary run(Class<?> test) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectClass(test))
                .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        return listener.getSummary();
    }

    /** A separate process, as the launcher starts it, with the examples appended to the class path. */
    private static Ended dpo(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path") + File.pathSeparator + classes,
                "dpo.cli.DpoCommand"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        return new Ended(process.waitFor(), output);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }
}
