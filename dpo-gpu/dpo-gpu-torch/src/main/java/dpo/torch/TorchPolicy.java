package dpo.torch;

import dpo.core.backend.AdamW;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.backend.StatisticRequest;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.sampling.Continuation;
import dpo.core.sampling.Prompt;
import dpo.core.sampling.Sampling;
import dpo.core.sequence.TokenSequence;
import dpo.torch.block.Architecture;
import dpo.torch.block.PackedRows;
import dpo.torch.checkpoint.Checkpoint;
import dpo.torch.checkpoint.SafetensorsWriter;
import dpo.torch.family.ConfigJson;
import dpo.torch.family.Families;
import dpo.torch.family.Family;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** A language model whose parameters are all trained. */
@SuppressWarnings("try") // scopes are opened and closed, not used
final class TorchPolicy implements Policy {

    private final Architecture architecture;
    private final String configText;
    private final Path tokenizerFolder;
    private final CompanionFiles companions;
    private final FloatTensors parameters;
    private final Network network;
    private final String fingerprint;

    private TorchPolicy(String configText, Architecture architecture, Path tokenizerFolder, CompanionFiles companions,
            FloatTensors parameters, Machine machine) {
        this.architecture = architecture;
        this.tokenizerFolder = tokenizerFolder;
        this.configText = configText;
        this.companions = companions;
        this.parameters = parameters;
        parameters.all().values().forEach(parameter -> parameter.set_requires_grad(true));
        this.network = Network.of(architecture, parameters, machine);
        this.fingerprint = parameters.sha256("float32 " + architecture);
    }

    /** The model in a checkpoint folder. */
    static TorchPolicy read(Path folder, Machine machine) {
        ConfigJson config = config(folder);
        Family family = Families.of(config);
        Architecture architecture = Families.read(config);
        Checkpoint checkpoint = Checkpoint.open(folder).named(family::parameter);
        checkpoint.requireExactly(architecture.parameters());
        FloatTensors parameters = new FloatTensors(architecture.parameters(), machine.device());
        parameters.copyFrom(checkpoint);
        parameters.requireFinite(folder.toString());
        return new TorchPolicy(
                config.asFloat32(), architecture, folder, CompanionFiles.ofModel(folder), parameters, machine);
    }

    /** A model with random weights. */
    static TorchPolicy fresh(FreshModel fresh, RandomGenerator random, Machine machine) {
        ConfigJson config = fresh.config();
        Architecture architecture = Families.read(config);
        CompanionFiles companions = CompanionFiles.ofTokenizer(fresh.tokenizer());
        FloatTensors parameters = new FloatTensors(architecture.parameters(), machine.device());
        fresh.initialise(parameters, random);
        return new TorchPolicy(
                config.asFloat32(), architecture, fresh.tokenizer(), companions, parameters, machine);
    }

    @Override
    public int vocabularySize() {
        return architecture.vocabularySize();
    }

    @Override
    public int maxLength() {
        return architecture.maxLength();
    }

    @Override
    public Optional<Path> tokenizerFolder() {
        return Optional.of(tokenizerFolder);
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public TokenLogProbs logProbs(List<TokenSequence> sequences) {
        PackedRows rows = packed(sequences);
        TorchDevice device = network.machine().device();
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            Tensor embedded = network.embed(device.place(Tensor.create(rows.ids())));
            Tensor hidden = network.decoder().hidden(rows, embedded);
            Tensor ids = device.place(Tensor.create(rows.scoredIds()));
            LanguageHead.Scores scores = network.head().score(hidden, ids, Set.of(), Optional.empty());
            return TokenLogProbs.of(rows.shape(), Tensors.toDoubles(scores.logProbs()));
        }
    }

    @Override
    public ForwardPass forward(List<TokenSequence> sequences) {
        return forward(sequences, StatisticRequest.NONE);
    }

    @Override
    public ForwardPass forward(List<TokenSequence> sequences, StatisticRequest request) {
        Optional<Network> reference = request.reference().map(other -> ofSameArchitecture(other).network);
        return new TorchForwardPass(network, packed(sequences), request.statistics(), reference);
    }

    @Override
    public List<Continuation> sample(List<Prompt> prompts, Sampling settings, Set<Integer> endIds) {
        for (int row = 0; row < prompts.size(); row++) {
            prompts.get(row).requireWithin(vocabularySize(), maxLength(), row);
        }
        return prompts.isEmpty()
                ? List.of()
                : new Generation(network, settings, endIds, maxLength()).continued(prompts);
    }

    @Override
    public Optimizer optimizer(AdamW settings) {
        return new FusedAdamW(parameters, settings, network.machine().device());
    }

    @Override
    public void save(Path folder) {
        try {
            Files.createDirectories(folder);
            try (Stream<Path> content = Files.list(folder)) {
                if (content.findAny().isPresent()) {
                    throw new IllegalArgumentException("folder must be empty, got " + folder);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write into " + folder + ": " + e, e);
        }
        companions.write(folder, configText);
        SafetensorsWriter.write(folder.resolve(Checkpoint.WEIGHTS), Map.of("format", "pt"), parameters.sources());
    }

    @Override
    public void restore(Path folder) {
        Architecture saved = Families.read(config(folder));
        if (!saved.equals(architecture)) {
            throw new IllegalArgumentException("saved model must be of the policy's architecture in every setting, "
                    + architecture.summary() + ", got " + saved.summary() + " (" + folder + ")");
        }
        parameters.copyFrom(Checkpoint.open(folder));
    }

    @Override
    public void moveTowards(Policy other, double share) {
        parameters.moveTowards(ofSameArchitecture(other).parameters, share);
    }

    private TorchPolicy ofSameArchitecture(Policy other) {
        if (!(other instanceof TorchPolicy that && that.architecture.equals(architecture))) {
            throw new IllegalArgumentException(
                    "other policy must be of the architecture " + architecture.summary() + ", got " + other);
        }
        return that;
    }

    @Override
    public void close() {
        parameters.close();
    }

    /** The parameters as they stand. */
    FloatTensors parameters() {
        return parameters;
    }

    private static ConfigJson config(Path folder) {
        return ConfigJson.parse(Checkpoint.configText(folder), folder.resolve(Checkpoint.CONFIG));
    }

    private PackedRows packed(List<TokenSequence> sequences) {
        if (sequences.isEmpty()) {
            throw new IllegalArgumentException("sequences must hold at least one, got none");
        }
        for (int row = 0; row < sequences.size(); row++) {
            TokenSequence sequence = sequences.get(row);
            if (sequence.length() > architecture.maxLength()) {
                throw new IllegalArgumentException("sequence must have at most " + architecture.maxLength()
                        + " tokens, got " + sequence.length() + " (row " + row + ")");
            }
            for (int i = 0; i < sequence.length(); i++) {
                if (sequence.id(i) >= architecture.vocabularySize()) {
                    throw new IllegalArgumentException("token id must be below " + architecture.vocabularySize()
                            + ", got " + sequence.id(i) + " (row " + row + ", position " + i + ")");
                }
            }
        }
        return new PackedRows(sequences);
    }
}
