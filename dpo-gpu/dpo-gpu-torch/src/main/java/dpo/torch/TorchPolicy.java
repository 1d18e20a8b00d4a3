package dpo.torch;

import dpo.core.backend.AdamW;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.backend.StatisticRequest;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.TokenSequence;
import dpo.torch.checkpoint.Checkpoint;
import dpo.torch.checkpoint.LlamaConfig;
import dpo.torch.checkpoint.LlamaConfigJson;
import dpo.torch.checkpoint.SafetensorsWriter;
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

/** A Llama model whose parameters are all trained. */
@SuppressWarnings("try") // scopes are opened and closed, not used
final class TorchPolicy implements Policy {

    private final LlamaConfig config;
    private final String configText;
    private final Path tokenizerFolder;
    private final CompanionFiles companions;
    private final FloatTensors parameters;
    private final Network network;
    private final String fingerprint;

    private TorchPolicy(String configText, LlamaConfig config, Path tokenizerFolder, CompanionFiles companions,
            FloatTensors parameters, Machine machine) {
        this.config = config;
        this.tokenizerFolder = tokenizerFolder;
        this.configText = configText;
        this.companions = companions;
        this.parameters = parameters;
        parameters.all().values().forEach(parameter -> parameter.set_requires_grad(true));
        this.network = Network.of(config, parameters, machine);
        this.fingerprint = parameters.sha256("float32 " + config);
    }

    /** The model in a checkpoint folder. */
    static TorchPolicy read(Path folder, Machine machine) {
        String text = Checkpoint.configText(folder);
        LlamaConfig config = LlamaConfigJson.parse(text, folder.resolve(Checkpoint.CONFIG));
        Checkpoint checkpoint = Checkpoint.open(folder);
        checkpoint.requireExactly(config.parameters());
        FloatTensors parameters = new FloatTensors(config.parameters(), machine.device());
        parameters.copyFrom(checkpoint);
        parameters.requireFinite(folder.toString());
        return new TorchPolicy(
                LlamaConfigJson.asFloat32(text), config, folder, CompanionFiles.ofModel(folder), parameters, machine);
    }

    /** A model with random weights. */
    static TorchPolicy fresh(FreshModel fresh, RandomGenerator random, Machine machine) {
        LlamaConfig config = fresh.config();
        CompanionFiles companions = CompanionFiles.ofTokenizer(fresh.tokenizer());
        FloatTensors parameters = new FloatTensors(config.parameters(), machine.device());
        fresh.initialise(parameters, random);
        return new TorchPolicy(
                LlamaConfigJson.write(config), config, fresh.tokenizer(), companions, parameters, machine);
    }

    @Override
    public int vocabularySize() {
        return config.vocabularySize();
    }

    @Override
    public int maxLength() {
        return config.maxLength();
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
        LlamaConfig saved =
                LlamaConfigJson.parse(Checkpoint.configText(folder), folder.resolve(Checkpoint.CONFIG));
        if (!saved.equals(config)) {
            throw new IllegalArgumentException("saved model must be of the policy's architecture " + config + ", got "
                    + saved + " (" + folder + ")");
        }
        parameters.copyFrom(Checkpoint.open(folder));
    }

    @Override
    public void moveTowards(Policy other, double share) {
        parameters.moveTowards(ofSameArchitecture(other).parameters, share);
    }

    private TorchPolicy ofSameArchitecture(Policy other) {
        if (!(other instanceof TorchPolicy that && that.config.equals(config))) {
            throw new IllegalArgumentException("other policy must be of the architecture " + config + ", got " + other);
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

    private PackedRows packed(List<TokenSequence> sequences) {
        if (sequences.isEmpty()) {
            throw new IllegalArgumentException("sequences must hold at least one, got none");
        }
        for (int row = 0; row < sequences.size(); row++) {
            TokenSequence sequence = sequences.get(row);
            if (sequence.length() > config.maxLength()) {
                throw new IllegalArgumentException("sequence must have at most " + config.maxLength() + " tokens, got "
                        + sequence.length() + " (row " + row + ")");
            }
            for (int i = 0; i < sequence.length(); i++) {
                if (sequence.id(i) >= config.vocabularySize()) {
                    throw new IllegalArgumentException("token id must be below " + config.vocabularySize() + ", got "
                            + sequence.id(i) + " (row " + row + ", position " + i + ")");
                }
            }
        }
        return new PackedRows(sequences);
    }
}
