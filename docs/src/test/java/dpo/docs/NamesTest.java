package dpo.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dpo.harness.config.ConfigValue;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The types, members and test methods that the pages name exist. */
class NamesTest {

    /** A type, or a type and a member: {@code SftLoss}, {@code SftLoss.Average}, {@code LossContract.some_law}. */
    private static final Pattern NAME = Pattern.compile("[A-Z]\\w*[a-z]\\w*(\\.\\w+)?(\\(\\))?");

    /** Names from other projects. */
    private static final Set<String> OTHERS = Set.of(
            "ServiceLoader",
            "Util",
            "Helper",
            "Manager",
            "Impl",
            "Base",
            "ModelProvenance",
            "DatasetProvenance",
            "DataSourceProvenance",
            "Rscript");

    private final Map<String, Path> sources = new HashMap<>();

    NamesTest() {
        Repository.sources()
                .forEach(file -> sources.put(file.getFileName().toString().replace(".java", ""), file));
    }

    @Test
    void every_type_member_and_test_that_a_page_names_exists() {
        List<String> missing = new ArrayList<>();
        int names = 0;
        for (Page page : Repository.pages()) {
            // The types that this page names are in its own examples, which are compiled.
            if (page.toString().equals("extending.md")) {
                continue;
            }
            for (String span : page.codeSpans()) {
                if (NAME.matcher(span).matches() && !OTHERS.contains(span)) {
                    names++;
                    String[] parts = span.replace("()", "").split("\\.");
                    if (!exists(parts[0], parts.length == 1 ? "" : parts[1])) {
                        missing.add(page + ": " + span);
                    }
                }
            }
        }
        assertThat(missing).isEmpty();
        assertThat(names).isGreaterThan(100);
    }

    @Test
    void every_equation_of_the_notation_has_a_test() {
        List<List<String>> rows =
                new ArrayList<>(Repository.page("docs/notation.md").tableCodeSpans());
        rows.addAll(Repository.page("docs/theory.md").tableCodeSpans());
        assertThat(rows.stream()
                        .filter(row -> row.stream().anyMatch(this::isTestMethod))
                        .count())
                .isGreaterThanOrEqualTo(20);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("configsOfPapers")
    void every_configuration_of_the_paper_index_binds(String yaml) {
        assertThatCode(() -> ConfigValue.objectiveSection(yaml, "paper-index.md"))
                .doesNotThrowAnyException();
    }

    static Stream<String> configsOfPapers() {
        return Repository.page("docs/paper-index.md").tableCodeSpans().stream()
                .flatMap(List::stream)
                .filter(span -> span.startsWith("{"));
    }

    private boolean isTestMethod(String span) {
        return span.contains("_") && NAME.matcher(span).matches();
    }

    private boolean exists(String type, String member) {
        Path source = sources.get(type);
        if (source == null) {
            return false;
        }
        if (member.isEmpty()) {
            return true;
        }
        return source.toString().contains("/src/main/")
                ? isMember(load(source), member)
                : Pattern.compile("\\bvoid " + member + "\\(")
                        .matcher(Repository.text(source))
                        .find();
    }

    private static boolean isMember(Class<?> type, String name) {
        return Stream.of(type.getMethods(), type.getDeclaredMethods())
                        .flatMap(Arrays::stream)
                        .map(Method::getName)
                        .anyMatch(name::equals)
                || Arrays.stream(type.getDeclaredFields()).map(Field::getName).anyMatch(name::equals)
                || Arrays.stream(type.getDeclaredClasses())
                        .map(Class::getSimpleName)
                        .anyMatch(name::equals);
    }

    private static Class<?> load(Path source) {
        String path = source.toString().replace('\\', '/');
        String name = path.substring(path.indexOf("/java/") + "/java/".length())
                .replace(".java", "")
                .replace('/', '.');
        try {
            return Class.forName(name, false, NamesTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError("source must have a class: " + source, e);
        }
    }
}
