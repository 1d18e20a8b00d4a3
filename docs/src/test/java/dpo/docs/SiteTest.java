package dpo.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The navigation of the documentation site, {@code mkdocs.yml}, has every page. */
class SiteTest {

    private static final Pattern ENTRY = Pattern.compile("(?m)^ +- .+: (\\S+\\.md)$");

    /** Pages of the site that are other files of the repository; docs/site/pages.py collects them. */
    private static final Map<String, String> OUTSIDE = Map.of(
            "index.md", "README.md",
            "contributing.md", "CONTRIBUTING.md",
            "changelog.md", "CHANGELOG.md",
            "dpo-bench.md", "dpo-bench/README.md");

    @Test
    void every_page_is_in_the_navigation_once_and_every_entry_is_a_page() {
        List<Path> entries = ENTRY.matcher(Repository.text(Repository.path("mkdocs.yml")))
                .results()
                .map(entry -> entry.group(1))
                .map(page -> Repository.path(OUTSIDE.getOrDefault(page, "docs/" + page)))
                .toList();
        List<Path> pages = Stream.concat(
                        Repository.pages().stream().map(Page::path).filter(page -> !isDecision(page)),
                        Stream.of(Repository.path("dpo-bench/README.md")))
                .toList();
        assertThat(entries).doesNotHaveDuplicates().allMatch(Files::exists).containsExactlyInAnyOrderElementsOf(pages);
    }

    @Test
    void the_site_has_the_pages_outside_of_docs_that_its_script_collects() {
        String script = Repository.text(Repository.path("docs/site/pages.py"));
        OUTSIDE.forEach((page, file) -> assertThat(script).contains("\"" + file + "\": \"" + page + "\""));
    }

    /** The index of decisions is in the navigation and links to each. */
    private static boolean isDecision(Path page) {
        return page.getFileName().toString().matches("\\d{4}-.*");
    }
}
