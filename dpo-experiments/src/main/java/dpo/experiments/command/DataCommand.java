package dpo.experiments.command;

import dpo.data.audit.DataAudit;
import dpo.data.audit.PromptOverlap;
import dpo.data.source.PreferenceDataset;
import dpo.data.tokenization.PairTokenizer;
import dpo.experiments.config.ConfigValue;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dpo data}. */
@Command(
        name = "data",
        mixinStandardHelpOptions = true,
        description = "Questions about preference data.",
        subcommands = DataCommand.Audit.class,
        synopsisSubcommandLabel = "COMMAND")
final class DataCommand {

    /** {@code dpo data audit}. */
    @Command(
            name = "audit",
            mixinStandardHelpOptions = true,
            description = "Tells what is in a preference set: rows used and dropped and why, turns, lengths, repeats,"
                    + " contradictions; with --model also what becomes of it as tokens.")
    static final class Audit implements Callable<Integer> {

        @Parameters(paramLabel = "FILE", description = "Preference pairs.")
        private Path file = Path.of("");

        @Option(
                names = "--format",
                required = true,
                description = "hh-rlhf, standard, conversational, pandalm or a class name.")
        private String format = "";

        @Option(
                names = "--reader",
                paramLabel = "KEY=VALUE",
                description = "Further settings of the reader; rows that cannot be used are skipped and counted unless"
                        + " on_bad_row=fail is given.")
        private Map<String, String> reader = new LinkedHashMap<>();

        @Option(names = "--model", paramLabel = "DIR", description = "Folder of a tokenizer.")
        private Optional<Path> model = Optional.empty();

        @Option(
                names = "--tokenization",
                paramLabel = "KEY=VALUE",
                description = "Settings of a config's data section, e.g. max_length=512.")
        private Map<String, String> tokenization = new LinkedHashMap<>();

        @Option(
                names = "--evaluation",
                paramLabel = "FILE",
                description = "Held-out pairs of the same format: prompts that stand in both are told.")
        private Optional<Path> evaluation = Optional.empty();

        @Override
        public Integer call() {
            reader.putIfAbsent("on_bad_row", "skip");
            tokenization.putIfAbsent("special_tokens_in_text", "allow");
            PreferenceDataset data = read(file);
            System.out.print(audit(data).report());
            evaluation.ifPresent(held -> System.out.println(PromptOverlap.of(data, read(held))));
            return 0;
        }

        private PreferenceDataset read(Path path) {
            return ConfigValue.source(format, path, reader).read();
        }

        private DataAudit audit(PreferenceDataset data) {
            if (model.isEmpty()) {
                return DataAudit.of(data);
            }
            try (PairTokenizer tokenizer = PairTokenizer.open(model.get(), ConfigValue.tokenization(tokenization))) {
                return DataAudit.of(data, tokenizer);
            }
        }
    }
}
