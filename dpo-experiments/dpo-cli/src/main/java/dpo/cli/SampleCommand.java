package dpo.cli;

import dpo.core.InvalidInputException;
import dpo.core.backend.Backend;
import dpo.core.backend.Policy;
import dpo.core.random.RandomStreams;
import dpo.core.sampling.Prompt;
import dpo.core.sampling.SampledCompletion;
import dpo.core.sampling.Sampling;
import dpo.data.example.Message;
import dpo.data.example.Text;
import dpo.data.format.Prompts;
import dpo.data.tokenization.ExampleTokenizer;
import dpo.harness.config.ConfigValue;
import dpo.harness.store.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code dpo sample}. */
@Command(
        name = "sample",
        mixinStandardHelpOptions = true,
        description = {
            "Generates completions; writes one JSON object per line to stdout.",
            "{\"prompt_id\", \"sample\", \"prompt\", \"completion\" (without its end token), \"end\", \"prompt_ids\","
                    + " \"completion_ids\", \"log_probs\"}; log-probs are in nats, at"
                    + " temperature 1."
        })
final class SampleCommand implements Callable<Integer> {

    private static final int MOST_SAMPLES = 100_000;

    @ParentCommand
    private @Nullable DpoCommand dpo;

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Option(
            names = "--prompts",
            paramLabel = "FILE.jsonl",
            description = "Rows with a prompt: a string, or a list of messages for the chat template.")
    private Optional<Path> file = Optional.empty();

    @Option(names = "--prompt", paramLabel = "TEXT", description = "A prompt, used unchanged. Repeatable.")
    private List<String> strings = new ArrayList<>();

    @Option(
            names = "--message",
            paramLabel = "TEXT",
            description = "A user message, rendered by the model's chat template. Repeatable.")
    private List<String> messages = new ArrayList<>();

    @Option(names = "--samples", paramLabel = "N", description = "Completions per prompt. Default: ${DEFAULT-VALUE}.")
    private int samples = 1;

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            description = "Maximum number of tokens of a completion. Default: ${DEFAULT-VALUE}.")
    private int maxNewTokens = 64;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "Sampling temperature; 0 takes the most probable token. Default: ${DEFAULT-VALUE}.")
    private double temperature = 1;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description =
                    "Sample from the most probable tokens with this total probability. Default: ${DEFAULT-VALUE}.")
    private double topP = 1;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the random streams. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Completions generated at the same time. Default: ${DEFAULT-VALUE}.")
    private int batchSize = 8;

    @Option(
            names = "--tokenization",
            paramLabel = "KEY=VALUE",
            description = "Keys of the data section of a config, e.g. special_tokens_in_text=text, chat_template=FILE.")
    private List<String> tokenization = new ArrayList<>();

    /** One completion to sample: the k-th of a prompt, with its own random stream. */
    private record Request(String promptId, int sample, Prompt prompt) {}

    @Override
    public Integer call() {
        if (batchSize < 1 || samples < 1 || samples > MOST_SAMPLES) {
            throw new InvalidInputException("--batch-size must be at least 1 and --samples in [1, " + MOST_SAMPLES
                    + "], got " + batchSize + " and " + samples);
        }
        Sampling settings = UserErrors.asInvalidInput(() -> new Sampling(maxNewTokens, temperature, topP));
        List<Prompts.Named> prompts = prompts();
        Backend<?> backend = model.backend();
        Console console = Console.standard();
        return Objects.requireNonNull(dpo).stop().guard(console, stopRequested -> {
            try (ExampleTokenizer tokenizer = ExampleTokenizer.open(
                            model.folder(), ConfigValue.tokenization(KeyValues.of("--tokenization", tokenization)));
                    Policy policy = model.open(backend)) {
                return write(wanted(prompts, tokenizer), settings, tokenizer, policy, console, stopRequested);
            }
        });
    }

    private List<Prompts.Named> prompts() {
        List<Prompts.Named> prompts = new ArrayList<>();
        file.ifPresent(path -> prompts.addAll(Prompts.read(path)));
        UserErrors.asInvalidInput(() -> {
            IntStream.range(0, strings.size())
                    .forEach(i -> prompts.add(new Prompts.Named("prompt-" + (i + 1), new Text.Plain(strings.get(i)))));
            IntStream.range(0, messages.size())
                    .forEach(i -> prompts.add(new Prompts.Named(
                            "message-" + (i + 1), new Text.Conversation(List.of(Message.user(messages.get(i)))))));
            return prompts;
        });
        if (prompts.isEmpty()) {
            throw new InvalidInputException("--prompts, --prompt or --message must give a prompt, got none");
        }
        return prompts;
    }

    private List<Request> wanted(List<Prompts.Named> prompts, ExampleTokenizer tokenizer) {
        RandomStreams streams = new RandomStreams(seed);
        List<Request> wanted = new ArrayList<>();
        for (Prompts.Named named : prompts) {
            List<Integer> ids = IntStream.of(tokenizer.prompt(named.prompt(), named.id()))
                    .boxed()
                    .toList();
            if (ids.isEmpty()) {
                throw new InvalidInputException("prompt must hold at least one token, got none (" + named.id() + ")");
            }
            for (int sample = 0; sample < samples; sample++) {
                wanted.add(new Request(
                        named.id(), sample, new Prompt(ids, streams.stream("sample/" + named.id() + "/" + sample))));
            }
        }
        return wanted;
    }

    private int write(
            List<Request> all,
            Sampling settings,
            ExampleTokenizer tokenizer,
            Policy policy,
            Console console,
            BooleanSupplier stopRequested) {
        console.begin("samples", all.size());
        try {
            for (int from = 0; from < all.size(); from += batchSize) {
                List<Request> batch = all.subList(from, Math.min(all.size(), from + batchSize));
                List<SampledCompletion> drawn = UserErrors.asInvalidInput(() ->
                        policy.sample(batch.stream().map(Request::prompt).toList(), settings, tokenizer.endIds()));
                for (int i = 0; i < batch.size(); i++) {
                    System.out.println(Json.line(line(batch.get(i), drawn.get(i), tokenizer)));
                }
                console.at(from + batch.size(), "");
                if (stopRequested.getAsBoolean()) {
                    return ErrorMessages.INTERRUPTED;
                }
            }
            return 0;
        } finally {
            console.end();
        }
    }

    private record Line(
            String promptId,
            int sample,
            String prompt,
            String completion,
            String end,
            List<Integer> promptIds,
            List<Integer> completionIds,
            List<Double> logProbs) {}

    private static Line line(Request wanted, SampledCompletion drawn, ExampleTokenizer tokenizer) {
        boolean ended = drawn.end() == SampledCompletion.End.END_TOKEN;
        return new Line(
                wanted.promptId(),
                wanted.sample(),
                text(tokenizer, wanted.prompt().ids()),
                text(tokenizer, drawn.ids().subList(0, drawn.ids().size() - (ended ? 1 : 0))),
                drawn.end().name().toLowerCase(Locale.ROOT),
                wanted.prompt().ids(),
                drawn.ids(),
                drawn.logProbs());
    }

    private static String text(ExampleTokenizer tokenizer, List<Integer> ids) {
        return tokenizer
                .tokenizer()
                .decode(ids.stream().mapToInt(Integer::intValue).toArray());
    }
}
