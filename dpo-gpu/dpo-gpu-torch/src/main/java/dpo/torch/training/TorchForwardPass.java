package dpo.torch.training;

import dpo.core.backend.ForwardPass;
import dpo.core.backend.GradientChecks;
import dpo.core.backend.TokenScores;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenStatistic;
import dpo.torch.autograd.Gradients;
import dpo.torch.autograd.Recorder;
import dpo.torch.autograd.Tape;
import dpo.torch.layout.PackedRows;
import dpo.torch.linear.Dropout;
import dpo.torch.lm.LanguageHead;
import dpo.torch.lm.LanguageModel;
import dpo.torch.nn.Decoder;
import dpo.torch.nn.ForwardContext;
import dpo.torch.tensor.RetainedTensors;
import dpo.torch.tensor.Tensors;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A forward pass that can be back-propagated. A {@link Tape} records it from the embeddings to the last hidden states;
 * the gradients of head and embedding, on either side, are written out and added straight to those of the parameters.
 */
@SuppressWarnings("try") // pointer scopes are only opened and closed
public final class TorchForwardPass implements ForwardPass {

    private static final Set<TokenStatistic> DIFFERENTIATED = Set.of(TokenStatistic.REFERENCE_KL);

    private final LanguageModel model;
    private final LanguageHead head;
    private final Tape tape;
    private final ForwardContext context;
    private final TokenScores results;
    private final Tensor ids;
    private final Tensor scoredIds;
    private final Tensor embedded;
    private final Tensor hidden;
    private final LanguageHead.Scores scores;
    private final Optional<LanguageHead.Reference> reference;
    private final RetainedTensors retained = new RetainedTensors();
    private boolean spent;
    private boolean closed;

    /**
     * Settings of a pass.
     *
     * @param dropout of the adapter's inputs
     * @param checkpointing whether only the input of each layer is saved, and the layer recomputed in the backward pass
     */
    public record Settings(Dropout dropout, boolean checkpointing) {}

    /**
     * Runs the pass.
     *
     * @param statistics to compute
     * @param referenceModel of the divergence, if that is among the statistics
     */
    public TorchForwardPass(
            LanguageModel model,
            PackedRows rows,
            Set<TokenStatistic> statistics,
            Optional<LanguageModel> referenceModel,
            Settings settings) {
        this.model = model;
        this.head = model.head();
        this.tape = new Tape(model.device().precision());
        this.context = model.context(rows, tape, settings.dropout());
        boolean complete = false;
        try (PointerScope scope = new PointerScope()) {
            ids = model.device().place(Tensor.create(rows.ids()));
            scoredIds = model.device().place(Tensor.create(rows.scoredIds()));
            reference =
                    referenceModel.map(other -> new LanguageHead.Reference(other.head(), hiddenOf(other, rows, ids)));
            embedded = Tape.leaf(model.embed(ids));
            hidden = PhaseEvent.in(PhaseEvent.BODY_FORWARD, () -> new Decoder(model.architecture(), context)
                    .hidden(embedded, step(settings.checkpointing())));
            scores = PhaseEvent.in(
                    PhaseEvent.HEAD_FORWARD, () -> head.score(hidden.detach(), scoredIds, statistics, reference, true));
            results = scores.byRows(rows.shape());
            Stream.of(ids, scoredIds, embedded, hidden, scores.logSumExp()).forEach(retained::add);
            scores.slopes().ifPresent(retained::add);
            reference.ifPresent(states -> retained.add(states.hidden()));
            complete = true;
        } finally {
            if (!complete) { // out of memory, for example: an object whose constructor fails cannot be closed
                tape.close();
                context.close();
            }
        }
    }

    /**
     * Evaluates layers on the tape, each as a checkpoint if the settings require it, so that its inner gradients stay
     * inside it.
     */
    private Decoder.LayerStep step(boolean checkpointing) {
        if (!checkpointing) {
            return (layer, stream) -> layer.apply(stream, context);
        }
        ForwardContext withoutGraph =
                context.with(Recorder.withoutGradient(model.device().precision()));
        return (layer, stream) -> tape.checkpoint(
                stream,
                input -> layer.apply(input, withoutGraph),
                (input, own) -> layer.apply(input, context.with(own)));
    }

    /** The last hidden states of a model that has no part in the gradient. */
    private static Tensor hiddenOf(LanguageModel other, PackedRows rows, Tensor ids) {
        return Tensors.scoped(() -> {
            try (NoGradGuard noGrad = new NoGradGuard()) {
                return other.hidden(rows, ids);
            }
        });
    }

    @Override
    public TokenLogProbs logProbs() {
        return results.logProbs();
    }

    @Override
    public Map<TokenStatistic, TokenLogProbs> statistics() {
        return results.statistics();
    }

    @Override
    public void backward(TokenGradient gradient) {
        backward(gradient, Map.of());
    }

    @Override
    public void backward(TokenGradient gradient, Map<TokenStatistic, TokenGradient> ofStatistics) {
        if (spent || closed) {
            throw new IllegalStateException("backward must be called at most once, and before close");
        }
        GradientChecks.require(logProbs().shape(), gradient, ofStatistics, DIFFERENTIATED);
        spent = true;
        try (PointerScope scope = new PointerScope()) {
            Optional<LanguageHead.OfDivergence> ofDivergence = Optional.ofNullable(
                            ofStatistics.get(TokenStatistic.REFERENCE_KL))
                    .map(given -> new LanguageHead.OfDivergence(reference.orElseThrow(), onDevice(given)));
            Tensor ofHidden = PhaseEvent.in(
                    PhaseEvent.HEAD_BACKWARD,
                    () -> head.backward(hidden.detach(), scoredIds, scores, onDevice(gradient), ofDivergence));
            PhaseEvent.run(PhaseEvent.BODY_BACKWARD, () -> bodyBackward(ofHidden));
        }
    }

    private void bodyBackward(Tensor ofHidden) {
        Tape.backward(hidden, ofHidden);
        tape.backward();
        if (model.embedding().requires_grad()) {
            try (NoGradGuard noGrad = new NoGradGuard()) {
                Gradients.of(model.embedding()).index_add_(0, ids, embedded.grad());
            }
        }
    }

    private Tensor onDevice(TokenGradient gradient) {
        return torch.empty_like(scores.logSumExp()).copy_(Tensor.create(gradient.toArray()));
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            tape.close();
            context.close();
            retained.close();
        }
    }
}
