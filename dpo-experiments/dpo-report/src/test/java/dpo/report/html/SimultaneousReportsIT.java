package dpo.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.report.results.RunFolderWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SimultaneousReportsIT {

    @TempDir
    private Path sweep;

    @Test
    void several_processes_may_write_the_report_of_a_folder_at_once() throws Exception {
        for (int i = 0; i < 2; i++) {
            RunFolderWriter.run(sweep, "r" + i)
                    .result(Map.of("eval/loss", 0.5 + i))
                    .line("metrics", "{\"step\":1,\"loss\":1}\n{\"step\":2,\"loss\":0.5}\n")
                    .write();
        }
        List<Process> writers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            writers.add(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Writer.class.getName(),
                            sweep.toString())
                    .redirectErrorStream(true)
                    .start());
        }
        for (Process writer : writers) {
            String output = new String(writer.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(writer.waitFor()).as(output).isZero();
        }
        try (Stream<Path> files = Files.list(sweep.resolve("figures"))) {
            assertThat(files).isNotEmpty().noneMatch(file -> file.toString().endsWith(".tmp"));
        }
    }

    /** A process that writes a report ten times. */
    static final class Writer {

        private Writer() {}

        public static void main(String[] arguments) {
            for (int i = 0; i < 10; i++) {
                Report.write(Path.of(arguments[0]));
            }
        }
    }
}
