package dpo.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dpo.core.setting.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ConfigReferenceTest {

    private static final String BEGIN = "<!-- generated: the records of the configuration -->";
    private static final String END = "<!-- end of generated -->";

    @Test
    void the_key_reference_matches_the_records() throws IOException {
        String page = Repository.page("docs/configuration.md").text();
        String expected = ConfigReference.markdown();
        Files.writeString(Repository.path("docs/target/configuration-keys.md"), expected);
        assertThat(page.substring(page.indexOf(BEGIN) + BEGIN.length(), page.indexOf(END))
                        .strip()
                        .lines())
                .as("the generated part of docs/configuration.md; docs/target/configuration-keys.md has the new text")
                .containsExactlyElementsOf(expected.strip().lines().toList());
    }

    @Test
    void every_record_with_settings_is_in_the_reference() {
        Set<String> missing = new TreeSet<>();
        for (JavaClass type : new ClassFileImporter().importPackages("dpo")) {
            // These types compute other systems' losses; they are in translations only, not in configs.
            boolean isOfPeer = type.getPackageName().equals("dpo.harness.peer");
            // The settings of reports are on the page docs/paper.md, which ReportExampleTest checks.
            boolean isOfReport = type.getPackageName().equals("dpo.report.settings");
            // dpo lab list prints the settings of the laboratory's experiments.
            boolean isOfLab = type.getPackageName().startsWith("dpo.lab.");
            boolean isDocumented = !isOfPeer
                    && !isOfReport
                    && !isOfLab
                    && !type.getPackageName().startsWith("dpo.docs");
            if (type.isRecord() && isDocumented && hasSettings(type.reflect())) {
                missing.add(type.getName());
            }
        }
        ConfigReference.documented().forEach(type -> missing.remove(type.getName()));
        assertThat(missing.stream().filter(name -> !name.contains("Test"))).isEmpty();
    }

    private static boolean hasSettings(Class<?> type) {
        return Arrays.stream(type.getRecordComponents()).anyMatch(part -> part.isAnnotationPresent(Setting.class));
    }
}
