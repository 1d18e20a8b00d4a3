package dpo.harness.run;

import dpo.core.InvalidInputException;
import dpo.core.backend.PreferenceSampler;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.Label;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.data.example.CompletionExample;
import dpo.data.example.PreferenceExample;
import dpo.data.provenance.SourceProvenance;
import dpo.data.source.CompletionSource;
import dpo.data.source.Dataset;
import dpo.data.source.Format;
import dpo.data.source.PreferenceSource;
import dpo.data.tokenization.ExampleTokenizer;
import dpo.data.tokenization.TokenizationReport;
import dpo.data.tokenization.TokenizationSettings;
import dpo.data.tokenization.TokenizedCompletions;
import dpo.data.tokenization.TokenizedPreferences;
import dpo.harness.cache.InputCache;
import dpo.harness.cache.TokenCache;
import dpo.harness.cache.TokenizedText;
import dpo.harness.config.BackendModel;
import dpo.harness.config.Backends;
import dpo.harness.config.DataConfig;
import dpo.harness.config.DataSource;
import dpo.harness.config.EvaluationSources;
import dpo.harness.config.ExperimentConfig;
import dpo.train.EvaluationSet;
import dpo.train.TrainingData;
import dpo.train.TrainingMethod;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads and tokenizes the {@code data:} section; data that cells share are processed once. */
public final class DataPreparation {

    private final Backends backends;
    private final TokenCache cache;
    private final Map<Object, Tokenized<List<Preference>>> preferences = new HashMap<>();
    private final Map<Object, Tokenized<List<TokenSequence>>> completions = new HashMap<>();

    /**
     * @param backends sample the data of models whose data have a known distribution
     */
    public DataPreparation(Backends backends) {
        this(backends, new TokenCache(InputCache.none(), () -> "", backends));
    }

    /**
     * @param backends sample the data of models whose data have a known distribution
     * @param cache has the tokens of data sets that earlier starts tokenized
     */
    public DataPreparation(Backends backends, TokenCache cache) {
        this.backends = backends;
        this.cache = cache;
    }

    /** A part of the data; the hash of preferences is {@link PreparedData#hash(List)}, that of completions is empty. */
    private record Tokenized<T>(
            T tokens, String hash, Map<String, String> provenance, Optional<SourceProvenance> source) {

        static <T> Tokenized<T> of(TokenizedText text, T tokens) {
            return new Tokenized<>(tokens, text.hash(), DataPreparation.provenance(text), Optional.of(text.source()));
        }
    }

    /** The provenance and the hashes of the parts of a run's data. */
    private static final class Origins {

        private final Map<String, Map<String, String>> readable = new LinkedHashMap<>();
        private final Map<String, SourceProvenance> sources = new LinkedHashMap<>();
        private final Map<String, String> hashes = new HashMap<>();

        void add(String name, Tokenized<?> part) {
            readable.put(name, part.provenance());
            part.source().ifPresent(source -> sources.put(name, source));
            hashes.put(name, part.hash());
        }

        PreparedData of(TrainingData tokens) {
            return new PreparedData(tokens, PreparedData.hash(tokens, hashes), readable, sources);
        }
    }

    /**
     * Prepares the tokens of a run.
     *
     * @param tokenizerFolder folder of the model's tokenizer; empty if it has none
     * @param vocabularySize number of the model's token ids
     * @throws InvalidInputException if data, tokenizer and model do not fit together
     */
    public PreparedData prepare(ExperimentConfig config, Optional<Path> tokenizerFolder, int vocabularySize) {
        DataConfig data = config.data();
        Optional<Path> tokenizer = data.tokenizer().or(() -> tokenizerFolder);
        Origins origins = new Origins();
        List<Preference> train = part("train", data.train(), config, tokenizer, vocabularySize, origins);
        List<EvaluationSet> evaluation = sets(config, tokenizer, vocabularySize, origins);
        List<TokenSequence> sft = config.objective()
                .sft()
                .flatMap(term -> term.data())
                .map(source -> completions(source, config, tokenizer, vocabularySize, origins))
                .orElse(List.of());
        TrainingData tokens = new TrainingData(train, evaluation, sft, endIds(config, tokenizer));
        UsableData.require(config.objective(), tokens);
        return origins.of(tokens);
    }

    /** The tokens that end a sampled completion of text, if the method of the run samples any. */
    private static Set<Integer> endIds(ExperimentConfig config, Optional<Path> tokenizer) {
        boolean samples =
                config.method().filter(TrainingMethod::needsReferenceModel).isPresent();
        boolean isOfText = config.data().train().match(text -> true, world -> false);
        if (!samples || !isOfText) {
            return Set.of();
        }
        try (ExampleTokenizer opened = ExampleTokenizer.open(
                required(tokenizer, "train"), config.data().tokenization())) {
            return opened.endIds();
        }
    }

    /**
     * Prepares the evaluation sets of a run alone.
     *
     * @param tokenizerFolder as for {@link #prepare}
     * @param vocabularySize as for {@link #prepare}
     * @throws InvalidInputException if data, tokenizer and model do not fit together
     */
    public PreparedData evaluation(ExperimentConfig config, Optional<Path> tokenizerFolder, int vocabularySize) {
        Origins origins = new Origins();
        Optional<Path> tokenizer = config.data().tokenizer().or(() -> tokenizerFolder);
        List<EvaluationSet> sets = sets(config, tokenizer, vocabularySize, origins);
        return origins.of(new TrainingData(List.of(), sets, List.of()));
    }

    private List<EvaluationSet> sets(
            ExperimentConfig config, Optional<Path> tokenizer, int vocabularySize, Origins origins) {
        List<EvaluationSet> sets = new ArrayList<>();
        config.data()
                .evaluation()
                .map(EvaluationSources::byName)
                .orElse(Map.of())
                .forEach((name, source) -> {
                    String part = EvaluationSources.part(name);
                    sets.add(new EvaluationSet(name, part(part, source, config, tokenizer, vocabularySize, origins)));
                });
        return sets;
    }

    private List<Preference> part(
            String name,
            DataSource source,
            ExperimentConfig config,
            Optional<Path> tokenizer,
            int vocabularySize,
            Origins origins) {
        Tokenized<List<Preference>> part = source.match(
                text -> {
                    requireReadsText("data." + name + ".format must be world, got " + format(text.source()), config);
                    Path folder = required(tokenizer, name);
                    return tokenize(text.source(), folder, config.data().tokenization(), vocabularySize);
                },
                world -> sample(name, world, config));
        origins.add(name, part);
        return part.tokens();
    }

    private Tokenized<List<Preference>> tokenize(
            PreferenceSource text, Path folder, TokenizationSettings settings, int vocabularySize) {
        return preferences.computeIfAbsent(List.of(text, folder, settings), key -> {
            TokenizedText tokenized = cache.get(
                    text, folder, settings, vocabularySize, () -> tokenized(text, folder, settings, vocabularySize));
            return Tokenized.of(tokenized, List.copyOf(tokenized.preferences()));
        });
    }

    private Tokenized<List<Preference>> sample(String name, DataSource.World world, ExperimentConfig config) {
        PreferenceSampler sampler = BackendModel.of(backends, config)
                .sampler()
                .orElseThrow(() -> new InvalidInputException("data." + name
                        + ".format must be a text format for a model without a world, got world (backend "
                        + config.backend() + ")"));
        DataConfig data = config.data();
        if (data.tokenizer().isPresent() || !data.tokenization().equals(TokenizationSettings.standard())) {
            throw new InvalidInputException(
                    "data.tokenizer, max_length, truncation, special_tokens_in_text, chat_template and"
                            + " template_date must be absent for format world, which has no text (data." + name + ")");
        }
        return preferences.computeIfAbsent(
                List.of(name, world, config.backend(), config.model(), config.seed()),
                key -> sample(name, world, config, sampler));
    }

    private static Tokenized<List<Preference>> sample(
            String name, DataSource.World world, ExperimentConfig config, PreferenceSampler sampler) {
        Map<String, String> provenance = new LinkedHashMap<>();
        provenance.put("source", "sampled from the reference of the controlled world, labelled by Bradley-Terry");
        provenance.put("world", config.model().toString());
        provenance.put("seed", Long.toString(config.seed()));
        provenance.put("used", Integer.toString(world.pairs()));
        RandomStreams streams = new RandomStreams(config.seed());
        try {
            List<Preference> sampled = List.copyOf(sampler.samplePairs(world.pairs(), streams.stream("pairs/" + name)));
            return new Tokenized<>(sampled, PreparedData.hash(sampled), provenance, Optional.empty());
        } catch (IllegalStateException tooSharp) {
            throw new InvalidInputException(tooSharp.getMessage(), tooSharp);
        }
    }

    private List<TokenSequence> completions(
            CompletionSource source,
            ExperimentConfig config,
            Optional<Path> tokenizer,
            int vocabularySize,
            Origins origins) {
        requireReadsText("objective.sft.data must be absent, got text", config);
        Path folder = required(tokenizer, "sft");
        TokenizationSettings settings = config.data().tokenization();
        Tokenized<List<TokenSequence>> part = completions.computeIfAbsent(List.of(source, folder, settings), key -> {
            TokenizedText tokenized = cache.get(
                    source,
                    folder,
                    settings,
                    vocabularySize,
                    () -> tokenized(source, folder, settings, vocabularySize));
            return Tokenized.of(
                    tokenized,
                    List.copyOf(tokenized.preferences().stream()
                            .map(Preference::first)
                            .toList()));
        });
        origins.add("sft", part);
        return part.tokens();
    }

    private static TokenizedText tokenized(
            PreferenceSource text, Path folder, TokenizationSettings settings, int vocabularySize) {
        Dataset<PreferenceExample> read = text.read();
        try (ExampleTokenizer tokenizer = ExampleTokenizer.open(folder, settings, vocabularySize)) {
            TokenizedPreferences tokenized = tokenizer.preferences(read);
            List<Preference> tokens = requireSome("preferences", tokenized.preferences());
            return new TokenizedText(tokens, read.provenance(), tokenized.report(), PreparedData.hash(tokens));
        }
    }

    private static TokenizedText tokenized(
            CompletionSource source, Path folder, TokenizationSettings settings, int vocabularySize) {
        Dataset<CompletionExample> read = source.read();
        try (ExampleTokenizer tokenizer = ExampleTokenizer.open(folder, settings, vocabularySize)) {
            TokenizedCompletions tokenized = tokenizer.completions(read);
            List<Preference> tokens = requireSome("sft", tokenized.sequences()).stream()
                    .map(sequence -> new Preference("", List.of(sequence), Label.desirable(true)))
                    .toList();
            return new TokenizedText(tokens, read.provenance(), tokenized.report(), "");
        }
    }

    private static Map<String, String> provenance(TokenizedText text) {
        TokenizationReport tokens = text.report();
        Map<String, String> both = new LinkedHashMap<>(text.source().readable());
        both.put("tokenized", Integer.toString(tokens.used()));
        both.put("truncated", Integer.toString(tokens.truncated()));
        both.put("dropped by tokenization", tokens.dropped().toString());
        both.put("boundary disagreements", Integer.toString(tokens.disagreements()));
        return both;
    }

    /** Requires a model that reads text; one whose data are sampled does not. */
    private void requireReadsText(String problem, ExperimentConfig config) {
        if (BackendModel.of(backends, config).sampler().isPresent()) {
            throw new InvalidInputException(problem + " (this model of backend " + config.backend()
                    + " reads only format: world; a checkpoint on backend torch reads text)");
        }
    }

    private static String format(PreferenceSource source) {
        Format named = source.getClass().getAnnotation(Format.class);
        return named == null ? source.getClass().getName() : named.value();
    }

    private static Path required(Optional<Path> tokenizer, String part) {
        return tokenizer.orElseThrow(() -> new InvalidInputException(
                "data.tokenizer must be given for a model without a tokenizer of its own (data." + part + ")"));
    }

    private static <T> List<T> requireSome(String part, List<T> tokens) {
        if (tokens.isEmpty()) {
            throw new InvalidInputException("data must keep at least one example, got none after tokenization (" + part
                    + "); see data.max_length and data.truncation");
        }
        return tokens;
    }
}
