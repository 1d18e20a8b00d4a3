package dpo.experiments.command;

import dpo.core.backend.Availability;
import dpo.core.backend.Backend;
import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import dpo.data.source.PreferenceSource;
import dpo.data.tokenization.ExampleTokenizer;
import dpo.data.tokenization.TokenizedPreferences;
import dpo.experiments.config.Backends;
import dpo.experiments.config.ConfigValue;
import dpo.experiments.store.DurableFiles;
import dpo.experiments.store.Json;
import dpo.experiments.store.OutputException;
import dpo.experiments.train.InvalidInputException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dpo logprobs}. */
@Command(
        name = "logprobs",
        mixinStandardHelpOptions = true,
        description = {
            "Writes the log-probability of every completion token of preference pairs under a model.",
            "A line a pair: {\"row\", \"prompt_ids\", \"chosen_ids\", \"rejected_ids\", \"chosen\", \"rejected\"}, nats; with"
                    + " several assistant turns also \"turns\", the tokens of each"
        })
final class LogProbsCommand implements Callable<Integer> {

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model folder in Hugging Face layout.")
    private Path model = Path.of("");

    @Option(names = "--data", required = true, paramLabel = "FILE", description = "Preference pairs.")
    private Path data = Path.of("");

    @Option(names = "--backend", description = "Engine. Default: ${DEFAULT-VALUE}.")
    private String backend = "torch";

    @Option(names = "--device", description = "cpu, cuda or cuda:N. Default: ${DEFAULT-VALUE}.")
    private String device = "cpu";

    @Option(names = "--threads", description = "Threads of the engine. Default: one a processor.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--batch-size", description = "Pairs of a forward pass. Default: ${DEFAULT-VALUE}.")
    private int batchSize = 4;

    @Option(names = "--out", required = true, paramLabel = "FILE.jsonl", description = "Output file.")
    private Path out = Path.of("");

    @Mixin
    private DataOptions pairs = new DataOptions();

    @Override
    public Integer call() {
        if (batchSize < 1 || threads < 1 || Files.isDirectory(out)) {
            throw new InvalidInputException("--batch-size and --threads must be at least 1 and --out a file, got " + batchSize
                    + ", " + threads + " and " + out);
        }
        PreferenceSource source = pairs.source(data, Map.of());
        Backend<?> engine = Backends.onClassPath()
                .find(backend)
                .orElseThrow(() -> new InvalidInputException("--backend must be an engine on the class path, got " + backend));
        if (Refusals.asInvalidInput(() -> engine.availability(device)) instanceof Availability.Missing missing) {
            throw new InvalidInputException("--device must be available, got " + device + ": " + missing.reason());
        }
        Console console = Console.standard();
        List<Preference> tokenized;
        try (ExampleTokenizer tokenizer = ExampleTokenizer.open(model, pairs.tokenization(Map.of()))) {
            TokenizedPreferences tokens = tokenizer.preferences(source.read());
            tokenized = tokens.preferences();
            console.say("pairs: used " + tokens.report().used() + ", truncated " + tokens.report().truncated()
                    + ", dropped " + tokens.report().dropped());
        }
        return StopOnSignal.guard(console, stopRequested -> {
            try (Policy policy = Refusals.asInvalidInput(() -> open(engine))) {
                return write(tokenized, policy, console, stopRequested);
            }
        });
    }

    private <M extends Record> Policy open(Backend<M> engine) {
        return engine.open(ConfigValue.model(engine, model), new Execution(device, threads), 0);
    }

    /** Writes beside the file and renames: the file is whole or not there. */
    private int write(List<Preference> all, Policy policy, Console console, BooleanSupplier stopRequested) {
        Path beside = out.resolveSibling(out.getFileName() + ".tmp");
        DurableFiles.createFolder(beside.toAbsolutePath().getParent());
        try (BufferedWriter writer = Files.newBufferedWriter(beside)) {
            console.begin("log-probs", all.size());
            for (int from = 0; from < all.size(); from += batchSize) {
                PreferenceBatch batch = new PreferenceBatch(all.subList(from, Math.min(all.size(), from + batchSize)));
                for (String line : lines(from, batch, policy)) {
                    writer.write(line);
                    writer.newLine();
                }
                console.at(from + batch.size(), "");
                if (stopRequested.getAsBoolean()) {
                    DurableFiles.delete(beside);
                    return ErrorMessages.INTERRUPTED;
                }
            }
        } catch (IOException e) {
            throw OutputException.writing(beside, e);
        } finally {
            console.end();
        }
        DurableFiles.move(beside, out);
        return 0;
    }

    private static List<String> lines(int from, PreferenceBatch batch, Policy policy) {
        TokenLogProbs logProbs = Refusals.asInvalidInput(() -> policy.logProbs(batch.sequences()));
        if (logProbs.firstNonFiniteRow() >= 0) {
            throw new InvalidInputException("log-probs must be finite, got another number (pair "
                    + batch.describe(logProbs.firstNonFiniteRow()) + ")");
        }
        List<String> lines = new ArrayList<>();
        for (int j = 0; j < batch.size(); j++) {
            Preference pair = batch.preferences().get(j);
            lines.add(Json.line(line(from + j, pair, logProbs.row(2 * j), logProbs.row(2 * j + 1))));
        }
        return lines;
    }

    private static Map<String, Object> line(int row, Preference pair, double[] chosen, double[] rejected) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("row", row);
        line.put("pair", pair.id());
        int promptLength = pair.chosen().turns().get(0).start();
        line.put("prompt_ids", boxed(Arrays.copyOf(pair.chosen().ids(), promptLength)));
        line.put("chosen_ids", boxed(pair.chosen().scoredIds()));
        line.put("rejected_ids", boxed(pair.rejected().scoredIds()));
        line.put("chosen", DoubleStream.of(chosen).boxed().toList());
        line.put("rejected", DoubleStream.of(rejected).boxed().toList());
        if (pair.chosen().turns().size() > 1 || pair.rejected().turns().size() > 1) {
            line.put("turns", Map.of("chosen", turns(pair.chosen()), "rejected", turns(pair.rejected())));
        }
        return line;
    }

    private static List<Integer> boxed(int[] ids) {
        return IntStream.of(ids).boxed().toList();
    }

    private static List<Integer> turns(TokenSequence sequence) {
        return sequence.turns().stream().map(TokenSequence.Span::length).toList();
    }
}
