package dpo.torch;

import dpo.core.backend.AdamW;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.backend.StatisticRequest;
import dpo.core.backend.TokenScores;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.random.RandomStreams;
import dpo.core.sampling.Continuation;
import dpo.core.sampling.Prompt;
import dpo.core.sampling.Sampling;
import dpo.core.sequence.TokenSequence;
import dpo.torch.block.Architecture;
import dpo.torch.block.PackedRows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** A language model of which all parameters are trained, or those of an adapter beside it. */
@SuppressWarnings("try") // scopes are opened and closed, not used
final class TorchPolicy implements Policy {

    private final BaseModel model;
    private final Runnable closeModel;
    private final Optional<Adapter> adapter;
    private final Network network;
    private final String fingerprint;
    private final boolean checkpointing;
    private final long dropoutSeed;
    private Optional<FusedAdamW> optimizer = Optional.empty();

    private TorchPolicy(
            BaseModel model,
            Runnable closeModel,
            Optional<Adapter> adapter,
            Machine machine,
            boolean checkpointing,
            long dropoutSeed) {
        this.model = model;
        this.closeModel = closeModel;
        this.adapter = adapter;
        this.checkpointing = checkpointing;
        this.dropoutSeed = dropoutSeed;
        trained().train();
        this.network = new Network(model.architecture(), machine, model.parameters(),
                new ModelWeights(model.architecture(), model.parameters(), adapter, machine));
        this.fingerprint = adapter.map(added -> added.fingerprint(model.fingerprint())).orElse(model.fingerprint());
    }

    /**
     * The policy of some settings.
     *
     * @param frozen models that policies share
     * @throws IllegalArgumentException where there is no such model, or no adapter of it
     */
    static TorchPolicy open(TorchModel settings, RandomStreams streams, Machine machine, FrozenModels frozen) {
        boolean isFrozen = settings.adapter().isPresent();
        if (isFrozen && settings.path().isEmpty()) {
            throw new IllegalArgumentException("model.adapter must be absent beside model.fresh, whose random weights are"
                    + " in no folder that it could belong to, got one");
        }
        Supplier<BaseModel> open = () -> settings.path().isPresent()
                ? BaseModel.read(settings.path().get(), machine, isFrozen)
                : BaseModel.fresh(settings.fresh().orElseThrow(), streams.stream("init"), machine);
        FrozenModels.Lease lease = isFrozen
                ? frozen.lease(List.of(settings.path(), machine.device(), machine.precision()), open)
                : owned(open.get());
        Optional<Adapter> adapter = Optional.empty();
        try {
            adapter = settings.adapter().map(added -> Adapter.open(
                    added, lease.model().architecture(), streams.stream("adapter"), machine.device()));
            return new TorchPolicy(lease.model(), lease.release(), adapter, machine,
                    settings.gradientCheckpointing(), streams.stream("dropout").nextLong());
        } catch (Throwable unusable) { // out of memory too: other policies may go on with the frozen model
            adapter.ifPresent(Adapter::close);
            lease.release().run();
            throw unusable;
        }
    }

    private static FrozenModels.Lease owned(BaseModel model) {
        return new FrozenModels.Lease(model, model::close);
    }

    /** The model in a checkpoint folder, all of it trained, in the machine's number format. */
    static TorchPolicy read(Path folder, Machine machine) {
        return open(TorchModel.at(folder), new RandomStreams(0), machine, new FrozenModels());
    }

    private NamedTensors trained() {
        return adapter.map(Adapter::tensors).orElse(model.parameters());
    }

    @Override
    public List<String> notices() {
        return model.notices();
    }

    @Override
    public int vocabularySize() {
        return model.architecture().vocabularySize();
    }

    @Override
    public int maxLength() {
        return model.architecture().maxLength();
    }

    @Override
    public Optional<Path> tokenizerFolder() {
        return Optional.of(model.folder());
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public TokenLogProbs logProbs(List<TokenSequence> sequences) {
        return scores(sequences, StatisticRequest.NONE).logProbs();
    }

    @Override
    public TokenScores scores(List<TokenSequence> sequences, StatisticRequest request) {
        Optional<Network> other = referenceNetwork(request);
        PackedRows rows = packed(sequences);
        TorchDevice device = network.machine().device();
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            Tensor ids = device.place(Tensor.create(rows.ids()));
            Tensor scoredIds = device.place(Tensor.create(rows.scoredIds()));
            LanguageHead.Scores scores = network.head().score(
                    network.hidden(rows, ids),
                    scoredIds,
                    request.statistics(),
                    other.map(reference -> new LanguageHead.Reference(reference.head(), reference.hidden(rows, ids))),
                    false);
            return scores.byRows(rows.shape());
        }
    }

    private Optional<Network> referenceNetwork(StatisticRequest request) {
        return request.reference().map(other -> ofSameArchitecture(other).network);
    }

    @Override
    public ForwardPass forward(List<TokenSequence> sequences) {
        return forward(sequences, StatisticRequest.NONE);
    }

    @Override
    public ForwardPass forward(List<TokenSequence> sequences, StatisticRequest request) {
        Optional<Network> reference = referenceNetwork(request);
        PackedRows rows = PhaseEvent.in(PhaseEvent.DATA, () -> packed(sequences));
        TorchForwardPass.Settings settings = new TorchForwardPass.Settings(
                adapter.map(added -> added.dropout(dropoutSeed(rows))).orElse(Dropout.NONE), checkpointing);
        return new TorchForwardPass(network, rows, request.statistics(), reference, settings);
    }

    /** The draw follows from what is computed and when, so that it is the same where that is done again. */
    private long dropoutSeed(PackedRows rows) {
        long steps = optimizer.map(FusedAdamW::steps).orElse(0L);
        return new RandomStreams(dropoutSeed).stream(steps + " " + Arrays.toString(rows.ids())).nextLong();
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
        optimizer = Optional.of(
                new FusedAdamW(trained(), settings, network.machine().device(), network.weights()::changed));
        return optimizer.get();
    }

    @Override
    public void save(Path folder) {
        requireEmpty(folder);
        adapter.ifPresentOrElse(
                added -> {
                    added.save(folder, model.architecture(), model.folder());
                    model.companions().write(folder);
                },
                () -> model.save(folder));
    }

    @Override
    public void saveModel(Path folder) {
        requireEmpty(folder);
        if (adapter.isEmpty()) {
            model.save(folder);
            return;
        }
        try (NamedTensors merged = model.stored()) {
            adapter.get().mergeInto(model.architecture(), merged);
            model.with(merged).save(folder);
        }
    }

    private static void requireEmpty(Path folder) {
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
    }

    @Override
    public void restore(Path folder) {
        adapter.ifPresentOrElse(added -> added.restore(folder), () -> model.restore(folder));
        network.weights().changed();
    }

    @Override
    public void moveTowards(Policy other, double share) {
        trained().moveTowards(ofSameArchitecture(other).trained(), share);
        network.weights().changed();
    }

    private TorchPolicy ofSameArchitecture(Policy other) {
        if (!(other instanceof TorchPolicy that && that.model.architecture().equals(model.architecture()))) {
            throw new IllegalArgumentException(
                    "other policy must be of the architecture " + model.architecture().summary() + ", got " + other);
        }
        return that;
    }

    @Override
    public void close() {
        network.weights().close();
        adapter.ifPresent(Adapter::close);
        closeModel.run();
    }

    /** The trained parameters as they stand. */
    NamedTensors parameters() {
        return trained();
    }

    private PackedRows packed(List<TokenSequence> sequences) {
        Architecture architecture = model.architecture();
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
