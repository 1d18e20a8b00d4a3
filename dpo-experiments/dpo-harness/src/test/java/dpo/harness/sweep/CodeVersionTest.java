package dpo.harness.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    private String compiled(String source, String debug) throws IOException {
        Path out = Files.createTempDirectory(folder, "classes");
        Path file = Files.writeString(out.resolve("Sample.java"), source);
        int code = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, debug, "-d", out.toString(), file.toString());
        assertThat(code).isZero();
        return CodeVersion.hash(Files.readAllBytes(out.resolve("Sample.class")));
    }
}
