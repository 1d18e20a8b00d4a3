package dpo.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program of docs/java.md compiles and trains in a separate process, without the harness on its class path. */
class JavaPageIT {

    @TempDir
    Path folder;

    @Test
    void the_program_trains_and_saves_a_model() throws IOException, InterruptedException {
        String platform = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        assumeThat(platform).as("platform of libtorch in the default build").isEqualTo("Linux amd64");
        List<Page.Block> programs =
                Repository.page("docs/java.md").blocks("java").toList();
        assertThat(programs).hasSize(1);
        assertThat(body(programs.get(0))).as("lines without imports").hasSizeLessThanOrEqualTo(30);
        Path source =
                Files.writeString(folder.resolve("Train.java"), programs.get(0).content());
        String classPath = classPath();
        int compiled = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-d", folder.toString(), "-cp", classPath, "-Werror", source.toString());
        assertThat(compiled).isZero();

        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        folder + ":" + classPath,
                        "Train",
                        Repository.path("dpo-gpu/dpo-gpu-torch/src/test/resources/llama")
                                .toString(),
                        Repository.path("dpo-data/src/test/resources/tiny/pairs.jsonl")
                                .toString(),
                        "trained")
                .directory(folder.toFile())
                .redirectError(folder.resolve("err.txt").toFile())
                .start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertThat(process.waitFor())
                .as(Files.readString(folder.resolve("err.txt")))
                .isZero();
        assertThat(lines).hasSizeGreaterThan(5).first().asString().startsWith("1 0.6931471805599");
        assertThat(Double.parseDouble(lines.get(lines.size() - 1).split(" ")[1]))
                .isLessThan(Math.log(2));
        assertThat(folder.resolve("trained/model.safetensors")).isNotEmptyFile();
    }

    private static List<String> body(Page.Block program) {
        return program.content()
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("import "))
                .toList();
    }

    /** That of this test without the modules above {@code dpo-train}. */
    private static String classPath() {
        return String.join(
                ":",
                List.of(System.getProperty("java.class.path").split(":")).stream()
                        .filter(entry -> !entry.matches(".*dpo-(harness|report|cli).*"))
                        .toList());
    }
}
