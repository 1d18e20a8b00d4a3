package dpo.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/tutorial.md run in the order of the page and print what it shows. */
class TutorialIT {

    private static final Page PAGE = Repository.page("docs/tutorial.md");

    /** Replaces the launcher, which would build the program. */
    private static final String LAUNCHER = """
            #!/usr/bin/env bash
            exec '%s' -XX:TieredStopAtLevel=1 -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 -cp '%s' dpo.cli.DpoCommand "$@"
            """;

    @TempDir
    Path folder;

    @Test
    void the_commands_of_the_page_run_one_after_the_other() throws IOException, InterruptedException {
        String platform = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        assumeThat(platform).as("platform of libtorch in the default build").isEqualTo("Linux amd64");
        for (String module : List.of("dpo-gpu", "dpo-data")) {
            Files.createSymbolicLink(folder.resolve(module), Repository.path(module));
        }
        Path launcher = Files.writeString(
                folder.resolve("dpo"),
                LAUNCHER.formatted(
                        Path.of(System.getProperty("java.home"), "bin", "java"),
                        System.getProperty("java.class.path")));
        assertThat(launcher.toFile().setExecutable(true)).isTrue();
        Files.createDirectories(folder.resolve("tutorial"));
        Files.writeString(
                folder.resolve("tutorial/experiment.yaml"), only("yaml").content());

        List<String> commands = PAGE.blocks("sh").map(Page.Block::content).toList();
        assertThat(commands).hasSizeGreaterThan(7);
        String output = run("set -e\n" + String.join("", commands));

        Stream<String> shown =
                PAGE.blocks("text").findFirst().orElseThrow().content().lines();
        assertThat(output).contains(shown.toList());
        assertThat(Files.readString(folder.resolve("tutorial/pairs.jsonl")))
                .contains(only("json").content());
        assertThat(folder.resolve("tutorial/trial/metrics.jsonl"))
                .content()
                .startsWith("{\"step\":1,")
                .contains("\"loss\":0.6931471805599");
        try (Stream<Path> runs = Files.list(folder.resolve("tutorial/sweep/runs"))) {
            assertThat(runs.filter(Files::isDirectory)).hasSize(4);
        }
        for (String file : PAGE.codeSpans().stream()
                .filter(span -> span.startsWith("tutorial/"))
                .toList()) {
            assertThat(folder.resolve(file)).exists();
        }
        assertThat(folder.resolve("tutorial/trial/checkpoints/final/model.safetensors"))
                .exists();
    }

    private String run(String script) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("bash", "-c", script)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private static Page.Block only(String language) {
        List<Page.Block> blocks = PAGE.blocks(language).toList();
        assertThat(blocks).as(language).hasSize(1);
        return blocks.get(0);
    }
}
