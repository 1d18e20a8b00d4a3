package dpo.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The small Llama and the small conversations on which the command line is tested with libtorch. */
final class TinyLlama {

    static final Path MODEL = Launched.root().resolve("dpo-gpu/dpo-gpu-torch/src/test/resources/llama");

    /** In the format {@code conversational}. */
    static final Path PAIRS = Launched.root().resolve("dpo-data/src/test/resources/tiny/pairs.jsonl");

    private TinyLlama() {}

    /** Skips a test on platforms for which the default build has no libtorch. */
    static void assumeLibtorch() {
        String platform = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        assumeTrue(
                platform.equals("Linux amd64"), "the default build has libtorch for Linux x86-64, this is " + platform);
    }

    /** The arguments of {@code dpo train} or {@code dpo sweep}. */
    static String[] experiment(String command, Path config, Path out, String... overrides) {
        List<String> arguments = new ArrayList<>(List.of(command, config.toString(), "--out", out.toString()));
        for (String override : overrides) {
            arguments.addAll(List.of("--set", override));
        }
        return arguments.toArray(String[]::new);
    }
}
