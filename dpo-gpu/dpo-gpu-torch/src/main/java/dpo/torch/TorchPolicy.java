package dpo.torch;

import dpo.core.backend.AdamW;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.backend.StatisticRequest;
import dpo.core.backend.TokenScores;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.random.RandomStreams;
import dpo.core.sampling.Prompt;
import dpo.core.sampling.SampledCompletion;
import dpo.core.sampling.Sampling;
import dpo.core.sequence.TokenSequence;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.generation.Generation;
import dpo.torch.layout.PackedRows;
import dpo.torch.linear.Dropout;
import dpo.torch.lm.LanguageHead;
import dpo.torch.lm.LanguageModel;
import dpo.torch.lm.ModelWeights;
import dpo.torch.lora.Adapter;
import dpo.torch.model.BaseModel;
import dpo.torch.model.FrozenModels;
import dpo.torch.tensor.NamedTensors;
import dpo.torch.tensor.Tensors;
import dpo.torch.tensor.TorchDevice;
import dpo.torch.training.FusedAdamW;
import dpo.torch.training.PhaseEvent;
import dpo.torch.training.TorchForwardPass;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** A policy whose parameters are all trained, or only those of an adapter. */
@SuppressWarnings("try") // pointer scopes are only opened and closed
final class TorchPolicy implements Policy {

    private final BaseModel model;
    private final Runnable closeModel;
    private final Optional<Adapter> adapter;
    private final LanguageModel languageModel;
    private final String fingerprint;
    private final boolean checkpointing;
    private final long dropoutSeed;
    private Optional<FusedAdamW> optimizer = Optional.empty();

    private TorchPolicy(
            BaseModel model,
            Runnable closeModel,
            Optional<Adapter> adapter,
            ComputeDevice device,
            boolean checkpointing,
            long dropoutSeed) {
        this.model = model;
        this.closeModel = closeModel;
        this.adapter = adapter;
        this.checkpointing = checkpointing;
        this.dropoutSeed = dropoutSeed;
        trained().train();
        this.languageModel = new LanguageModel(
                model.architecture(),
                device,
                model.parameters(),
                new ModelWeights(model.architecture(), model.parameters(), adapter, device));
        this.fingerprint =
                adapter.map(added -> added.fingerprint(model.fingerprint())).orElse(model.fingerprint());
    }

    /**
     * Opens the policy that the settings describe.
     *
     * @param frozen models that policies share
     * @throws IllegalArgumentException if the model or its adapter is missing or damaged
     */
    static TorchPolicy open(TorchModel settings, RandomStreams streams, ComputeDevice device, FrozenModels frozen) {
        boolean isFrozen = settings.adapter().isPresent();
        if (isFrozen && settings.path().isEmpty()) {
            throw new IllegalArgumentException("model.adapter must be absent with model.fresh: an adapter belongs to a"
                    + " model in a folder, got both");
        }
        Supplier<BaseModel> open = () -> settings.path().isPresent()
                ? BaseModel.read(settings.path().get(), device, isFrozen)
                : BaseModel.fresh(settings.fresh().orElseThrow(), streams.stream("init"), device);
        FrozenModels.Lease lease = isFrozen
                ? frozen.lease(List.of(settings.path(), device.torchDevice(), device.precision()), open)
                : owned(open.get());
        return Tensors.freedOnFailure(lease.release(), () -> {
            Optional<Adapter> adapter = settings.adapter()
                    .map(added -> Adapter.open(
                            added, lease.model().architecture(), streams.stream("adapter"), device.torchDevice()));
            return Tensors.freedOnFailure(
                    () -> adapter.ifPresent(Adapter::close),
                    () -> new TorchPolicy(
                            lease.model(),
                            lease.release(),
                            adapter,
                            device,
                            settings.gradientCheckpointing(),
                            streams.stream("dropout").nextLong()));
        });
    }

    private static FrozenModels.Lease owned(BaseModel model) {
        return new FrozenModels.Lease(model, model::close);
    }

    /** Opens the model in a checkpoint folder, to train all its parameters. */
    static TorchPolicy read(Path folder, ComputeDevice device) {
        return open(TorchModel.at(folder), new RandomStreams(0), device, new FrozenModels());
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

    /** Those of the model, and of an adapter that was read from a folder; a new adapter has the model's log-probs. */
    @Override
    public Map<String, String> checksums() {
        Map<String, String> checksums = new TreeMap<>(model.parameters().checksums());
        adapter.filter(Adapter::isRead)
                .ifPresent(read -> checksums.putAll(read.tensors().checksums()));
        return checksums;
    }

    @Override
    public TokenLogProbs logProbs(List<TokenSequence> sequences) {
        return scores(sequences, StatisticRequest.NONE).logProbs();
    }

    @Override
    public TokenScores scores(List<TokenSequence> sequences, StatisticRequest request) {
        Optional<LanguageModel> other = referenceModel(request);
        PackedRows rows = languageModel.packed(sequences);
        TorchDevice device = languageModel.device().torchDevice();
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            Tensor ids = device.place(Tensor.create(rows.ids()));
            Tensor scoredIds = device.place(Tensor.create(rows.scoredIds()));
            LanguageHead.Scores scores = languageModel
                    .head()
                    .score(
                            languageModel.hidden(rows, ids),
                            scoredIds,
                            request.statistics(),
                            other.map(reference ->
                                    new LanguageHead.Reference(reference.head(), reference.hidden(rows, ids))),
                            false);
            return scores.byRows(rows.shape());
        }
    }

    private Optional<LanguageModel> referenceModel(StatisticRequest request) {
        return request.reference().map(other -> ofSameArchitecture(other).languageModel);
    }

    @Override
    public ForwardPass forward(List<TokenSequence> sequences) {
        return forward(sequences, StatisticRequest.NONE);
    }

    @Override
    public ForwardPass forward(List<TokenSequence> sequences, StatisticRequest request) {
        Optional<LanguageModel> reference = referenceModel(request);
        PackedRows rows = PhaseEvent.in(PhaseEvent.DATA, () -> languageModel.packed(sequences));
        TorchForwardPass.Settings settings = new TorchForwardPass.Settings(
                adapter.map(added -> added.dropout(dropoutSeed(rows))).orElse(Dropout.NONE), checkpointing);
        return new TorchForwardPass(languageModel, rows, request.statistics(), reference, settings);
    }

    /** The seed depends on the rows and the number of updates, so a repeated or resumed pass has the same dropout. */
    private long dropoutSeed(PackedRows rows) {
        long steps = optimizer.map(FusedAdamW::steps).orElse(0L);
        return new RandomStreams(dropoutSeed)
                .stream(steps + " " + Arrays.toString(rows.ids())).nextLong();
    }

    @Override
    public List<SampledCompletion> sample(List<Prompt> prompts, Sampling settings, Set<Integer> endIds) {
        for (int row = 0; row < prompts.size(); row++) {
            prompts.get(row).requireWithin(vocabularySize(), maxLength(), row);
        }
        return prompts.isEmpty()
                ? List.of()
                : new Generation(languageModel, settings, endIds, maxLength()).completions(prompts);
    }

    @Override
    public Optimizer optimizer(AdamW settings) {
        optimizer = Optional.of(new FusedAdamW(
                trained(), settings, languageModel.device().torchDevice(), languageModel.weights()::changed));
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
        languageModel.weights().changed();
    }

    @Override
    public void moveTowards(Policy other, double share) {
        trained().moveTowards(ofSameArchitecture(other).trained(), share);
        languageModel.weights().changed();
    }

    private TorchPolicy ofSameArchitecture(Policy other) {
        if (!(other instanceof TorchPolicy that && that.model.architecture().equals(model.architecture()))) {
            throw new IllegalArgumentException("other policy must have the architecture "
                    + model.architecture().summary() + ", got " + other);
        }
        return that;
    }

    @Override
    public void close() {
        languageModel.weights().close();
        adapter.ifPresent(Adapter::close);
        closeModel.run();
    }

    /** The trained parameters. */
    NamedTensors parameters() {
        return trained();
    }
}
