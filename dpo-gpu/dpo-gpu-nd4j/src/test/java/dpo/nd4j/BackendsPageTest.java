package dpo.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.sequence.TokenSequence;
import dpo.core.setting.Setting;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page docs/backends.md: its network is made, opened and scored; its tables have all keys. */
class BackendsPageTest {

    private static final Path PAGE = Path.of("../../docs/backends.md");

    @TempDir
    private Path folder;

    private static String block(String language) throws IOException {
        Matcher block = Pattern.compile("(?s)```" + language + "\n(.*?)```").matcher(Files.readString(PAGE));
        assertThat(block.find()).isTrue();
        return block.group(1);
    }

    @Test
    void the_network_of_the_page_is_a_policy() throws Exception {
        Path source = Files.writeString(folder.resolve("MyNetwork.java"), block("java"));
        int failed = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-d",
                        folder.toString(),
                        source.toString());
        assertThat(failed).isZero();
        Path zip = folder.resolve("my-network.zip");
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            loader.loadClass("MyNetwork").getMethod("main", String[].class).invoke(null, (Object)
                    new String[] {zip.toString()});
        }
        assertThat(block("yaml")).contains("path: my-network.zip");
        try (Policy policy =
                FreshNetworks.BACKEND.open(Nd4jModel.at(zip, Precision.FLOAT32), new Execution("cpu", 1), 1)) {
            assertThat(policy.vocabularySize()).isEqualTo(512);
            TokenSequence sequence = TokenSequence.of(new int[] {4}, new int[] {500, 3});
            assertThat(policy.logProbs(List.of(sequence)).sum(0)).isBetween(-20.0, -5.0);
        }
    }

    @Test
    void the_tables_of_the_page_have_all_keys_with_their_defaults_and_meanings() throws IOException {
        String page = Files.readString(PAGE);
        for (Class<?> record : List.of(Nd4jModel.class, FreshNetwork.class)) {
            for (RecordComponent component : record.getRecordComponents()) {
                Setting setting = component.getAnnotation(Setting.class);
                String key = component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
                String absent = component.getType() == java.util.Optional.class ? "absent" : "must be given";
                String byDefault = setting.byDefault().isEmpty() ? absent : "`" + setting.byDefault() + "`";
                assertThat(page).contains("| `" + key + "` | " + byDefault + " | " + setting.about() + " |");
            }
        }
    }
}
