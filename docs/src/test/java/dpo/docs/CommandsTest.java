package dpo.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dpo.cli.DpoCommand;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The commands in the pages are valid commands of the program. */
class CommandsTest {

    /** Commands without a row in the README. */
    private static final Set<String> UNDOCUMENTED = Set.of("rank", "generate-completion");

    private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");

    @ParameterizedTest(name = "{0}")
    @MethodSource("commandLines")
    void every_command_line_of_the_pages_parses(String line) {
        String[] arguments = WORD.matcher(line)
                .results()
                .map(word -> Stream.of(1, 2, 3)
                        .map(word::group)
                        .filter(part -> part != null)
                        .findFirst()
                        .orElseThrow())
                .skip(1)
                .toArray(String[]::new);
        assertThatCode(() -> DpoCommand.commandLine().parseArgs(arguments)).doesNotThrowAnyException();
    }

    @Test
    void the_readme_lists_every_command() {
        Set<String> listed = new TreeSet<>();
        Repository.page("README.md").tableCodeSpans().forEach(row -> row.stream()
                .filter(span -> span.startsWith("dpo "))
                .forEach(span -> listed.add(span.split(" ")[1])));
        Set<String> known =
                new TreeSet<>(DpoCommand.commandLine().getSubcommands().keySet());
        known.removeAll(UNDOCUMENTED);
        assertThat(listed).isEqualTo(known);
    }

    @Test
    void the_readme_shows_the_command_that_continuous_integration_runs() {
        String verify = Repository.text(Repository.path(".ci/run"))
                .lines()
                .filter(line -> line.startsWith("mvn "))
                .findFirst()
                .orElseThrow();
        assertThat(verify).endsWith(" verify -Pchecks");
        assertThat(shellLines(Repository.page("README.md"))).contains("mvn verify -Pchecks");
    }

    static List<String> commandLines() {
        return Repository.pages().stream()
                .flatMap(page -> Stream.concat(shellLines(page).stream(), page.codeSpans().stream()))
                .map(line -> line.replaceFirst("^\\./", ""))
                // Optional parts are given.
                .map(line -> line.replace("[--", "--").replaceAll("\\](?= |$)", ""))
                .filter(line -> line.startsWith("dpo ") && !line.startsWith("dpo help "))
                .filter(line -> line.split(" ").length > 2)
                .distinct()
                .toList();
    }

    private static List<String> shellLines(Page page) {
        return page.blocks("sh").flatMap(block -> block.content().lines()).toList();
    }
}
