package dpo.cli;

import dpo.core.InvalidInputException;
import dpo.core.backend.Backend;
import dpo.core.backend.Policy;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.data.example.PreferenceExample;
import dpo.data.source.Dataset;
import dpo.data.source.PreferenceSource;
import dpo.data.tokenization.ExampleTokenizer;
import dpo.data.tokenization.TokenizedPreferences;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.Json;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code dpo logprobs}. */
@Command(
        name = "logprobs",
        mixinStandardHelpOptions = true,
        description = {
            "Writes the log-probability of every completion token under a model.",
            "One line per pair: {\"row\", \"pair\", \"prompt_ids\", \"chosen_ids\", \"rejected_ids\", \"chosen\","
                    + " \"rejected\"}, in nats. Ranked lists and labels have \"completion_ids\" and"
                    + " \"completions\" instead of the two sides. Completions of several assistant turns add"
                    + " \"turns\", the tokens of each. \"ratings\" and \"weight\" are present if the data have"
                    + " them."
        })
final class LogProbsCommand implements Callable<Integer> {

    @ParentCommand
    private @Nullable DpoCommand dpo;

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Option(names = "--data", required = true, paramLabel = "FILE", description = "Preference file.")
    private Path data = Path.of("");

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Preferences per forward pass. Default: ${DEFAULT-VALUE}.")
    private int batchSize = 4;

    @Option(names = "--out", required = true, paramLabel = "FILE.jsonl", description = "Output file.")
    private Path out = Path.of("");

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    @Mixin
    private DataOptions options = new DataOptions();

    @Override
    public Integer call() {
        if (batchSize < 1) {
            throw new InvalidInputException("--batch-size must be at least 1, got " + batchSize);
        }
        if (out.toAbsolutePath().normalize().equals(data.toAbsolutePath().normalize())) {
            throw new InvalidInputException("--out must be another file than --data, got " + out + " for both");
        }
        overwrite.requireWritable(out);
        PreferenceSource source = options.source(data, Map.of());
        Backend<?> backend = model.backend();
        Console console = Console.standard();
        List<Preference> tokenized;
        try (ExampleTokenizer tokenizer = ExampleTokenizer.open(model.folder(), options.tokenization(Map.of()))) {
            Dataset<PreferenceExample> read = source.read();
            console.print("data: " + read.counts());
            TokenizedPreferences tokens = tokenizer.preferences(read);
            tokenized = tokens.preferences();
            console.print("preferences: used " + tokens.report().used() + ", truncated "
                    + tokens.report().truncated() + ", dropped "
                    + tokens.report().dropped());
        }
        return Objects.requireNonNull(dpo).stop().guard(console, stopRequested -> {
            try (Policy policy = model.open(backend)) {
                return write(tokenized, policy, console, stopRequested);
            }
        });
    }

    /** Aborts the writing of a file; the file is then not created. */
    private static final class Stopped extends RuntimeException {}

    private int write(List<Preference> all, Policy policy, Console console, BooleanSupplier stopRequested) {
        DurableFiles.createParent(out);
        try {
            DurableFiles.replace(out, channel -> {
                Writer writer = new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8));
                writeLines(all, policy, writer, console, stopRequested);
                writer.flush();
            });
            return 0;
        } catch (Stopped stopped) {
            return ErrorMessages.INTERRUPTED;
        } finally {
            console.end();
        }
    }

    private void writeLines(
            List<Preference> all, Policy policy, Writer writer, Console console, BooleanSupplier stopRequested)
            throws IOException {
        console.begin("log-probs", all.size());
        for (int from = 0; from < all.size(); from += batchSize) {
            PreferenceBatch batch = new PreferenceBatch(all.subList(from, Math.min(all.size(), from + batchSize)));
            for (String line : lines(from, batch, policy)) {
                writer.write(line + "\n");
            }
            console.at(from + batch.size(), "");
            if (stopRequested.getAsBoolean()) {
                throw new Stopped();
            }
        }
    }

    private static List<String> lines(int from, PreferenceBatch batch, Policy policy) {
        TokenLogProbs logProbs = UserErrors.asInvalidInput(() -> policy.logProbs(batch.sequences()));
        if (logProbs.firstNonFiniteRow() >= 0) {
            throw new InvalidInputException("log-probs must be finite, got another number ("
                    + batch.describe(logProbs.firstNonFiniteRow()) + ")");
        }
        return LogProbsLines.of(from, batch, logProbs).stream().map(Json::line).toList();
    }
}
