package dpo.torch;

import dpo.core.backend.AdamW;
import dpo.core.backend.ExactEvaluation;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.backend.RewardFunction;
import dpo.core.backend.StatisticRequest;
import dpo.core.backend.TokenScores;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.random.RandomStreams;
import dpo.core.sampling.Prompt;
import dpo.core.sampling.SampledCompletion;
import dpo.core.sampling.Sampling;
import dpo.core.sequence.TokenSequence;
import dpo.torch.PretrainedWorlds.Pretrained;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.generation.Generation;
import dpo.torch.layout.PackedRows;
import dpo.torch.lm.LanguageHead;
import dpo.torch.lm.LanguageModel;
import dpo.torch.lora.Adapter;
import dpo.torch.model.BaseModel;
import dpo.torch.model.FrozenModels;
import dpo.torch.nn.Architecture;
import dpo.torch.tensor.NamedTensors;
import dpo.torch.tensor.TorchDevice;
import dpo.torch.training.FusedAdamW;
import dpo.torch.training.PhaseEvent;
import dpo.torch.training.TorchForwardPass;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** A policy whose parameters are all trained, or only those of an adapter. */
@SuppressWarnings("try") // pointer scopes are only opened and closed
final class TorchPolicy implements Policy {

    private final TrainedModel model;
    private final LanguageModel languageModel;
    private final Optional<Pretrained> world;
    private Optional<FusedAdamW> optimizer = Optional.empty();

    private TorchPolicy(TrainedModel model, Optional<Pretrained> world) {
        this.model = model;
        this.world = world;
        this.languageModel = model.onDevice();
    }

    /**
     * Opens the policy that the settings describe.
     *
     * @param frozen models that policies share
     * @param world the pre-trained transformer, if the settings are those of a world
     * @throws IllegalArgumentException if the model or its adapter is missing or damaged
     */
    static TorchPolicy open(
            TorchModel settings,
            RandomStreams streams,
            ComputeDevice device,
            FrozenModels frozen,
            Optional<Pretrained> world) {
        return new TorchPolicy(TrainedModel.open(settings, streams, device, frozen, world), world);
    }

    /** A policy of a model that it trains and closes. */
    static TorchPolicy of(BaseModel model, ComputeDevice device) {
        return new TorchPolicy(TrainedModel.of(model, device), Optional.empty());
    }

    /** Opens the model in a checkpoint folder, to train all its parameters. */
    static TorchPolicy read(Path folder, ComputeDevice device) {
        return open(TorchModel.at(folder), new RandomStreams(0), device, new FrozenModels(), Optional.empty());
    }

    private Architecture architecture() {
        return languageModel.architecture();
    }

    @Override
    public List<String> notices() {
        return model.base().notices();
    }

    @Override
    public int vocabularySize() {
        return architecture().vocabularySize();
    }

    @Override
    public int maxLength() {
        return architecture().maxLength();
    }

    @Override
    public Optional<Path> tokenizerFolder() {
        return world.isPresent() ? Optional.empty() : Optional.of(model.base().folder());
    }

    @Override
    public String fingerprint() {
        return model.fingerprint();
    }

    /** Those of the model, and of an adapter that was read from a folder; a new adapter has the model's log-probs. */
    @Override
    public Map<String, String> checksums() {
        Map<String, String> checksums = new TreeMap<>(model.base().parameters().checksums());
        model.adapter()
                .filter(Adapter::isRead)
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
            Tensor scoredIds = device.place(Tensor.create(rows.scoredIds()));
            LanguageHead.Scores scores = languageModel
                    .head()
                    .score(
                            languageModel.hidden(rows),
                            scoredIds,
                            request.statistics(),
                            other.map(
                                    reference -> new LanguageHead.Reference(reference.head(), reference.hidden(rows))),
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
        return new TorchForwardPass(
                languageModel,
                rows,
                request.statistics(),
                reference,
                model.passSettings(rows, optimizer.map(FusedAdamW::steps).orElse(0L)));
    }

    /** In a controlled world, tokens that are not followed by others there end a completion. */
    @Override
    public List<SampledCompletion> sample(List<Prompt> prompts, Sampling settings, Set<Integer> endIds) {
        for (int row = 0; row < prompts.size(); row++) {
            prompts.get(row).requireWithin(vocabularySize(), maxLength(), row);
        }
        Set<Integer> ends = new HashSet<>(endIds);
        world.ifPresent(of -> ends.addAll(of.endIds()));
        return prompts.isEmpty()
                ? List.of()
                : new Generation(languageModel, settings, ends, maxLength()).completions(prompts);
    }

    @Override
    public Optimizer optimizer(AdamW settings) {
        optimizer = Optional.of(
                new FusedAdamW(model.trained(), settings, languageModel.device().torchDevice(), model::changed));
        return optimizer.get();
    }

    @Override
    public void save(Path folder) {
        model.save(folder);
    }

    @Override
    public void saveModel(Path folder) {
        model.saveModel(folder);
    }

    @Override
    public void restore(Path folder) {
        model.restore(folder);
    }

    @Override
    public void moveTowards(Policy other, double share) {
        model.trained().moveTowards(ofSameArchitecture(other).model.trained(), share);
        model.changed();
    }

    private TorchPolicy ofSameArchitecture(Policy other) {
        if (!(other instanceof TorchPolicy that && that.architecture().equals(architecture()))) {
            throw new IllegalArgumentException(
                    "other policy must have the architecture " + architecture().summary() + ", got " + other);
        }
        return that;
    }

    @Override
    public Optional<ExactEvaluation> exactEvaluation() {
        return world.map(of -> of.evaluation(languageModel));
    }

    @Override
    public Optional<RewardFunction> trueReward() {
        return world.map(of -> of::rewards);
    }

    @Override
    public void close() {
        model.close();
    }

    /** The model on its device. */
    LanguageModel languageModel() {
        return languageModel;
    }

    /** The trained parameters. */
    NamedTensors parameters() {
        return model.trained();
    }
}
