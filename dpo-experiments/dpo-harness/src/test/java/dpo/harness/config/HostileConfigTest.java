package dpo.harness.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.loss.PreferenceLoss;
import dpo.core.setting.Setting;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** For any text as a configuration, reading ends quickly with errors that have locations. */
class HostileConfigTest {

    private static final String VALID = """
            name: tiny
            backend: tabular
            model: {vocabulary: 4, length: 3, prompts: 2}
            data: {train: {format: world, pairs: 32}}
            optimizer: {learning_rate: 0.05}
            """;

    @TempDir
    Path folder;

    static Stream<Arguments> texts() {
        return Stream.of(
                Arguments.of("a: &a [*a]", "alias *a must repeat a value that ends before it"),
                Arguments.of("a: &a {b: *a}", "alias *a must repeat a value that ends before it"),
                Arguments.of("a: *nowhere", "alias *nowhere must repeat a value that ends before it"),
                Arguments.of("[".repeat(5000), "config must have at most 64 levels"),
                Arguments.of("a: " + "{a: ".repeat(5000), "config must have at most 64 levels"),
                Arguments.of("- ".repeat(5000) + "1", "config must have at most 64 levels"),
                Arguments.of(bomb(), "config must have at most 100000 values"),
                Arguments.of("a: [" + "1,".repeat(200_000) + "]", "config must have at most 100000 values"),
                Arguments.of("a: " + "x".repeat(1 << 20), "config must have at most 1048576 bytes"),
                Arguments.of("a: 1\na: 2", "a must be given once"),
                Arguments.of("x: &x {a: 1}\n<<: *x", "YAML 1.2 has no merge keys"),
                Arguments.of("? [a]\n: 1", "a key must be a plain name, got [\"a\"]"),
                Arguments.of("a: 1\n---\na: 2", "config must be one document"),
                Arguments.of("a: !!java.net.URL [http://localhost]", "tag must be one of YAML's core schema"),
                Arguments.of("a: !own 1", "tag must be one of YAML's core schema"),
                Arguments.of("a: !!int x", "tag must be one of YAML's core schema"),
                Arguments.of("a: !!set {b: 1}", "tag must be one of YAML's core schema"),
                Arguments.of("a: \u0000", "config must be YAML"),
                Arguments.of("a:\t1\n\tb: 2", "config must be YAML"),
                Arguments.of("a: 9223372036854775808", "number must fit 64 bits, got 9223372036854775808"),
                Arguments.of("a: -0x1", "a is not a key here"),
                Arguments.of("a: 0xFFFFFFFFFFFFFFFFF", "number must fit 64 bits"),
                Arguments.of("a: " + "9".repeat(3000), "number must fit 64 bits, got 999"),
                Arguments.of("a: 1e999", "number must fit 64 bits, got 1e999"),
                Arguments.of("a: -1e999", "number must fit 64 bits"),
                Arguments.of("a: 1e-999", "number must fit 64 bits, got 1e-999"),
                Arguments.of("n".repeat(70_000) + ": 1", "config must be YAML"),
                Arguments.of("? " + "n".repeat(70_000) + "\n: 1", "n… is not a key here"),
                Arguments.of("1", "config must be a mapping of keys, got 1"),
                Arguments.of("", "config must be a mapping of keys, got an empty file"));
    }

    /** The texts that are also invalid as the value of a key. */
    static Stream<Arguments> values() {
        return texts().limit(texts().count() - 2);
    }

    private static String bomb() {
        return "a0: &a0 [x, x]\n"
                + IntStream.range(1, 60)
                        .mapToObj(i -> "a%d: &a%d [*a%d, *a%d]".formatted(i, i, i - 1, i - 1))
                        .collect(Collectors.joining("\n"));
    }

    @ParameterizedTest
    @MethodSource("texts")
    void the_error_for_an_invalid_configuration_names_the_problem(String text, String problem) throws IOException {
        Path file = Files.writeString(folder.resolve("c.yaml"), text);
        assertThatThrownBy(() -> cells(file))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(problem)
                .satisfies(e -> assertThat(e.getMessage().lines()).allMatch(line -> line.length() < 3000));
    }

    @ParameterizedTest
    @MethodSource("values")
    void an_override_is_read_by_the_same_rules(String text, String problem) throws IOException {
        Path file = Files.writeString(folder.resolve("c.yaml"), VALID);
        assertThatThrownBy(() -> cells(file, "model=" + text)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> ConfigValue.objective(text + " ", "--loss")).isInstanceOf(ConfigException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1:30", "0b11", "1_000", "yes", "2001-01-01", "~", "0x1", ".inf", ".nan", "-.Inf", "1e308", "[]"
            })
    void a_number_in_another_notation_has_its_yaml_1_2_value_or_is_refused(String number) throws IOException {
        Path file = Files.writeString(folder.resolve("c.yaml"), VALID.replace("0.05", number));
        if (Set.of("0x1", "1e308").contains(number)) {
            assertThat(cells(file)).hasSize(1);
        } else {
            assertThatThrownBy(() -> cells(file))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("optimizer.learning_rate must be");
        }
    }

    @Test
    void the_encoding_must_be_utf8_with_or_without_a_mark() throws IOException {
        Path file = folder.resolve("c.yaml");
        for (Charset other : List.of(StandardCharsets.UTF_16, StandardCharsets.UTF_16LE)) {
            Files.writeString(file, VALID, other);
            assertThatThrownBy(() -> cells(file))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("config must be");
        }
        Files.write(file, (VALID + "# \u00e9").getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> cells(file)).hasMessageContaining("must be UTF-8 text");
        Files.writeString(file, "\ufeff" + VALID);
        assertThat(cells(file)).hasSize(1);
    }

    @Test
    void a_path_that_is_not_a_regular_file_is_not_opened() {
        assertThatThrownBy(() -> cells(Path.of("/dev/zero")))
                .hasMessageContaining("must be a file, got a pipe or a device");
        assertThatThrownBy(() -> cells(folder)).hasMessageContaining("must be a file, got a folder");
        assertThatThrownBy(() -> cells(folder.resolve("x".repeat(70_000)))).hasMessageContaining("found no such file");
    }

    @Test
    void a_sweep_has_a_limit_that_is_checked_before_its_cells_are_made() throws IOException {
        String axes = IntStream.range(0, 7)
                .mapToObj(i -> "  a" + i + ": [0,1,2,3,4,5,6,7,8,9]\n")
                .collect(Collectors.joining());
        Path file = Files.writeString(folder.resolve("c.yaml"), VALID + "sweep:\n" + axes);
        assertThatThrownBy(() -> cells(file)).hasMessageContaining("sweep must have at most 10000 cells, got 10000000");
        Path nested = Files.writeString(
                folder.resolve("d.yaml"), VALID + "sweep: {objective.preference: [{type: ipo, sweep:\n" + axes + "}]}");
        assertThatThrownBy(() -> cells(nested)).isInstanceOf(ConfigException.class);
    }

    @Test
    void many_errors_are_counted_after_the_first_hundred() throws IOException {
        String keys = IntStream.range(0, 5000).mapToObj(i -> "k" + i + ": 1\n").collect(Collectors.joining());
        Path file = Files.writeString(folder.resolve("c.yaml"), VALID + keys + "sweep: {seed: [1, 2, 3]}\n");
        assertThatThrownBy(() -> cells(file))
                .hasMessageContaining("and 4900 further errors")
                .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(101));
    }

    @Test
    void an_override_may_not_undo_another() throws IOException {
        Path file = Files.writeString(folder.resolve("c.yaml"), VALID);
        assertThatThrownBy(() -> cells(file, "seed=1", "seed=2"))
                .hasMessageContaining("seed must not undo --set seed=1");
        assertThatThrownBy(() -> cells(file, "model.length=4", "model={}")).hasMessageContaining("must not undo");
        assertThat(cells(file, "model={length: 4, vocabulary: 4}", "model.length=5"))
                .hasSize(1);
        assertThatThrownBy(() -> cells(file, "a.".repeat(70_000) + "a=1"))
                .hasMessageContaining("must have at most 64 levels");
    }

    /** Fails the test if it is initialised. */
    static final class Other {
        static {
            INITIALISED.add("Other");
        }
    }

    static final List<String> INITIALISED = new java.util.concurrent.CopyOnWriteArrayList<>();

    /** A loss whose class cannot be initialised. */
    record Broken(@Setting(about = "x", byDefault = "1") double x) implements TestLoss {
        static final int VALUE = Integer.parseInt("none");
    }

    /** A loss whose constructor fails independently of its settings. */
    record Failing(@Setting(about = "x", byDefault = "1") double x) implements TestLoss {
        Failing {
            throw new UnsupportedOperationException("this test double cannot be constructed");
        }
    }

    /** A loss with a component that no configuration can hold. */
    record Odd(Set<String> names) implements TestLoss {}

    /** A loss with a component of a type variable. */
    record Open<T>(T value, List<T[]> more) implements TestLoss {}

    interface TestLoss extends PreferenceLoss {
        @Override
        default dpo.core.loss.LossEvaluation evaluate(
                dpo.core.logprob.PreferenceLogProbs logProbs, dpo.core.loss.Normalizer normalizer) {
            throw new UnsupportedOperationException("a config binds this test double; nothing evaluates it");
        }
    }

    /** A loss with options that are numbers. */
    record Optionals(
            OptionalDouble rate,
            OptionalInt count,
            @Setting(about = "x", byDefault = "7") OptionalLong many) implements TestLoss {}

    @Test
    void a_failing_constructor_is_reported_with_its_line_and_its_stack_trace_is_kept() {
        assertThatThrownBy(() -> ConfigValue.objective("{type: " + Failing.class.getName() + "}", "--loss"))
                .hasMessageContaining(
                        " got java.lang.UnsupportedOperationException: this test double cannot be constructed at "
                                + Failing.class.getName() + ".<init>(HostileConfigTest.java:")
                .satisfies(refused -> assertThat(refused.getSuppressed())
                        .singleElement()
                        .isInstanceOf(UnsupportedOperationException.class));
    }

    @Test
    void optional_numbers_are_settings_that_may_be_absent() {
        String type = "{type: " + Optionals.class.getName();
        assertThat(ConfigValue.objective(type + "}", "--loss").toString())
                .endsWith("Optionals[rate=OptionalDouble.empty, count=OptionalInt.empty, many=OptionalLong[7]]");
        assertThat(ConfigValue.objective(type + ", rate: 0.5, count: 2, many: 3}", "--loss")
                        .toString())
                .endsWith("Optionals[rate=OptionalDouble[0.5], count=OptionalInt[2], many=OptionalLong[3]]");
        assertThatThrownBy(() -> ConfigValue.objective(type + ", rate: fast}", "--loss"))
                .hasMessageContaining("rate must be a number, got \"fast\"");
    }

    @Test
    void a_class_of_another_kind_is_refused_without_its_code_having_run() {
        String name = Other.class.getName();
        assertThatThrownBy(() -> ConfigValue.objective("{type: " + name + "}", "--loss"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(
                        "type must be a record class that implements dpo.core.loss.PreferenceLoss, got " + name);
        assertThat(INITIALISED).isEmpty();
    }

    @Test
    void a_class_that_does_not_load_or_cannot_be_constructed_is_a_config_error() {
        // The second use of a class that failed to initialise throws another error.
        for (Class<?> type : List.of(Broken.class, Broken.class, Failing.class)) {
            assertThatThrownBy(() -> ConfigValue.objective("{type: " + type.getName() + "}", "--loss"))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("must be a record " + type.getName() + " that can be constructed");
        }
        assertThatThrownBy(() -> ConfigValue.objective("{type: " + Odd.class.getName() + ", names: [a]}", "--loss"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("that a configuration can hold");
        assertThatThrownBy(() ->
                        ConfigValue.objective("{type: " + Open.class.getName() + ", value: 1, more: [1]}", "--loss"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("that a configuration can hold");
        for (String name : List.of(
                "dpo/core/loss/referencefree/SftLoss",
                "[I",
                "int",
                "",
                " ",
                "a..b",
                "dpo.core.loss.PreferenceLoss",
                "x".repeat(70_000),
                "java.lang.Record")) {
            assertThatThrownBy(() -> ConfigValue.objective("{type: '" + name + "'}", "--loss"))
                    .isInstanceOf(ConfigException.class);
        }
    }

    private static List<ExperimentFile.Cell> cells(Path file, String... overrides) {
        return Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(60), () -> ExperimentFile.read(file, List.of(overrides), Backends.onClassPath())
                        .cells());
    }
}
