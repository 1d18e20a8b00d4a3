package dpo.harness.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodeVersionTest {

    private static final String SOURCE = """
            public class Sample {
                double twice(double value) {
                    double result = 2 * value;
                    return result;
                }
            }
            """;

    @TempDir
    Path folder;

    @Test
    void comments_and_debug_attributes_do_not_change_the_code_hash() throws IOException {
        String plain = compiled(SOURCE, "-g");
        assertThat(compiled("// A comment that moves all lines.\n\n" + SOURCE, "-g"))
                .isEqualTo(plain);
        assertThat(compiled(SOURCE, "-g:none")).isEqualTo(plain);
    }

    @Test
    void another_constant_changes_the_code_hash() throws IOException {
        assertThat(compiled(SOURCE.replace("2 *", "3 *"), "-g")).isNotEqualTo(compiled(SOURCE, "-g"));
    }

    @Test
    void an_edited_nested_class_changes_the_hash_of_a_class_in_the_default_package() throws Exception {
        String beside = SOURCE + "class Other {}";
        assertThat(loaded(beside.replace("{}", "{ int more; }"))).isEqualTo(loaded(beside));
        String inner = SOURCE.replace("double twice", "static class Inner { int value = 1; }\n    double twice");
        assertThat(loaded(inner.replace("value = 1", "value = 2"))).isNotEqualTo(loaded(inner));
    }

    /** The code hash of a class that is loaded from a folder. */
    private String loaded(String source) throws Exception {
        Path out = classes(source, "-g");
        try (URLClassLoader loader = new URLClassLoader(new URL[] {out.toUri().toURL()})) {
            return new CodeVersion().of(Map.of(loader.loadClass("Sample"), ""));
        }
    }

    private String compiled(String source, String debug) throws IOException {
        return CodeVersion.hash(Files.readAllBytes(classes(source, debug).resolve("Sample.class")));
    }

    private Path classes(String source, String debug) throws IOException {
        Path out = Files.createTempDirectory(folder, "classes");
        Path file = Files.writeString(out.resolve("Sample.java"), source);
        int code = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, debug, "-d", out.toString(), file.toString());
        assertThat(code).isZero();
        return out;
    }
}
