package dpo.cli;

import dpo.data.audit.DataAudit;
import dpo.data.audit.PromptOverlap;
import dpo.data.example.PreferenceExample;
import dpo.data.source.Dataset;
import dpo.data.tokenization.ExampleTokenizer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dpo data}. */
@Command(
        name = "data",
        mixinStandardHelpOptions = true,
        description = "Inspects preference data.",
        subcommands = DataCommand.Audit.class,
        synopsisSubcommandLabel = "COMMAND")
final class DataCommand {

    // Training refuses such text; the audit counts it.
    private static final Map<String, String> AUDITED = Map.of("special_tokens_in_text", "allow");

    /** {@code dpo data audit}. */
    @Command(
            name = "audit",
            mixinStandardHelpOptions = true,
            description = "Prints statistics of a preference set: rows used and dropped with reasons, turns, lengths,"
                    + " duplicates, contradictions; with --model also token counts and truncation.")
    static final class Audit implements Callable<Integer> {

        @Parameters(paramLabel = "FILE", description = "Preference file.")
        private Path file = Path.of("");

        @Mixin
        private DataOptions options = new DataOptions();

        @Option(names = "--model", paramLabel = "DIR", description = "Model or tokenizer folder.")
        private Optional<Path> model = Optional.empty();

        @Option(
                names = "--evaluation",
                paramLabel = "FILE",
                description = "Held-out preferences of the same format; prompts in both files are reported.")
        private Optional<Path> evaluation = Optional.empty();

        @Override
        public Integer call() {
            if (model.isEmpty()) {
                options.requireNoTokenization();
            }
            Dataset<PreferenceExample> data = read(file);
            System.out.print(audit(data).report());
            evaluation.ifPresent(held -> System.out.println(PromptOverlap.of(data, read(held))));
            return 0;
        }

        private Dataset<PreferenceExample> read(Path path) {
            return options.source(path, Map.of("on_bad_row", "skip")).read();
        }

        private DataAudit audit(Dataset<PreferenceExample> data) {
            if (model.isEmpty()) {
                return DataAudit.of(data);
            }
            try (ExampleTokenizer tokenizer = ExampleTokenizer.open(model.get(), options.tokenization(AUDITED))) {
                return DataAudit.of(data, tokenizer);
            }
        }
    }
}
