package dpo.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinksTest {

    @Test
    void every_relative_link_leads_to_a_file_and_every_anchor_to_a_heading() {
        List<String> broken = new ArrayList<>();
        int relative = 0;
        for (Page page : Repository.pages()) {
            for (String link : page.links()) {
                if (!link.startsWith("https://")) {
                    relative++;
                    if (!resolves(page, link)) {
                        broken.add(page + ": " + link);
                    }
                }
            }
        }
        assertThat(broken).isEmpty();
        assertThat(relative).isGreaterThan(10);
    }

    private static boolean resolves(Page page, String link) {
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty()
                ? page.path()
                : page.path().resolveSibling(parts[0]).normalize();
        if (!Files.exists(target)) {
            return false;
        }
        return parts.length == 1
                || new Page(target, Repository.text(target)).anchors().contains(parts[1]);
    }
}
