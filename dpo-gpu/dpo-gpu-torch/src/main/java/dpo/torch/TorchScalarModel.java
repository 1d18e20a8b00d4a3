package dpo.torch;

import dpo.core.backend.AdamW;
import dpo.core.backend.Optimizer;
import dpo.core.backend.ScalarModel;
import dpo.core.backend.ScalarPass;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.TokenSequence;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.layout.PrefixRows;
import dpo.torch.lm.LanguageModel;
import dpo.torch.lm.ScalarHead;
import dpo.torch.model.FrozenModels;
import dpo.torch.nn.Architecture;
import dpo.torch.tensor.NamedTensors;
import dpo.torch.tensor.Tensors;
import dpo.torch.training.FusedAdamW;
import dpo.torch.training.PhaseEvent;
import dpo.torch.training.TorchScalarPass;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * The body of a language model with a {@link ScalarHead} in place of its LM head. Head and body are trained, or head and
 * adapter; an LM head that is not tied to the embedding is kept as it is.
 */
@SuppressWarnings("try") // pointer scopes are only opened and closed
final class TorchScalarModel implements ScalarModel {

    private final TrainedModel model;
    private final LanguageModel body;
    private final ScalarHead head;
    private final NamedTensors trained;
    private final String fingerprint;
    private Optional<FusedAdamW> optimizer = Optional.empty();

    private TorchScalarModel(TrainedModel model) {
        Architecture architecture = model.onDevice().architecture();
        boolean untied =
                !architecture.head().matrix().equals(architecture.embedding().tokens());
        this.model = model;
        this.body = model.onDevice();
        this.head = new ScalarHead(architecture.hiddenSize(), body.device().torchDevice());
        this.trained = model.trained()
                .without(untied ? List.of(architecture.head().matrix()) : List.of())
                .with(head.tensors());
        this.fingerprint = head.tensors().sha256(model.fingerprint());
    }

    /**
     * Opens the scalar model that the settings describe.
     *
     * @param frozen models that policies share
     * @param world the pre-trained transformer, if the settings are those of a world
     * @throws IllegalArgumentException if the model or its adapter is missing or damaged
     */
    static TorchScalarModel open(
            TorchModel settings,
            RandomStreams streams,
            ComputeDevice device,
            FrozenModels frozen,
            Optional<PretrainedWorlds.Pretrained> world) {
        TrainedModel model = TrainedModel.open(settings, streams, device, frozen, world);
        return Tensors.freedOnFailure(model::close, () -> new TorchScalarModel(model));
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public double[][] values(List<TokenSequence> sequences) {
        PrefixRows rows = prefixes(sequences);
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            return rows.byRows(Tensors.toDoubles(head.values(body.hidden(rows))));
        }
    }

    @Override
    public ScalarPass forward(List<TokenSequence> sequences) {
        PrefixRows rows = PhaseEvent.in(PhaseEvent.DATA, () -> prefixes(sequences));
        return new TorchScalarPass(
                body,
                head,
                rows,
                model.passSettings(rows.rows(), optimizer.map(FusedAdamW::steps).orElse(0L)));
    }

    private PrefixRows prefixes(List<TokenSequence> sequences) {
        return PrefixRows.of(body.packed(sequences), sequences);
    }

    @Override
    public Optimizer optimizer(AdamW settings) {
        optimizer = Optional.of(new FusedAdamW(trained, settings, body.device().torchDevice(), model::changed));
        return optimizer.get();
    }

    /** Writes what a policy of this body writes, and {@link ScalarHead#FILE}. */
    @Override
    public void save(Path folder) {
        model.save(folder);
        head.save(folder);
    }

    @Override
    public void restore(Path folder) {
        head.restore(folder);
        model.restore(folder);
    }

    @Override
    public void close() {
        head.close();
        model.close();
    }

    /** The trained parameters: those of the body or its adapter, and of the head. */
    NamedTensors parameters() {
        return trained;
    }
}
