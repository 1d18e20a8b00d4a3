package dpo.torch;

import dpo.core.backend.ForwardPass;
import dpo.core.backend.GradientChecks;
import dpo.core.backend.TokenScores;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenStatistic;
import dpo.torch.block.PackedRows;
import dpo.torch.block.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * One evaluation that is kept open, on a {@link Tape}, from the embeddings to the last hidden states. Head and embedding
 * lie before and behind: their gradients are written out, and go straight into the parameters' own.
 */
@SuppressWarnings("try") // scopes are opened and closed, not used
final class TorchForwardPass implements ForwardPass {

    private static final Set<TokenStatistic> DIFFERENTIATED = Set.of(TokenStatistic.REFERENCE_KL);

    private final Network network;
    private final LanguageHead head;
    private final Tape tape;
    private final Pass pass;
    private final TokenScores told;
    private final Tensor ids;
    private final Tensor scoredIds;
    private final Tensor embedded;
    private final Tensor hidden;
    private final LanguageHead.Scores scores;
    private final Optional<LanguageHead.Reference> reference;
    private final List<Tensor> kept = new ArrayList<>();
    private boolean spent;
    private boolean closed;

    /**
     * How a pass is made.
     *
     * @param dropout of the adapter's inputs
     * @param checkpointing whether only the input of each layer is kept, and the layer computed anew for the gradient
     */
    record Settings(Dropout dropout, boolean checkpointing) {}

    /**
     * @param asked statistics to compute
     * @param referenceNetwork of the divergence, where that is asked for
     */
    TorchForwardPass(
            Network network,
            PackedRows rows,
            Set<TokenStatistic> asked,
            Optional<Network> referenceNetwork,
            Settings settings) {
        this.network = network;
        this.head = network.head();
        this.tape = new Tape(network.machine().precision());
        this.pass = new Pass(network.weights().onTape(tape, settings.dropout()), rows);
        boolean complete = false;
        try (PointerScope scope = new PointerScope()) {
            ids = pass.weights().place(Tensor.create(rows.ids()));
            scoredIds = pass.weights().place(Tensor.create(rows.scoredIds()));
            reference = referenceNetwork.map(other -> new LanguageHead.Reference(other.head(), hiddenOf(other, rows, ids)));
            embedded = Tape.beginning(network.embed(ids));
            hidden = PhaseEvent.in(PhaseEvent.BODY_FORWARD,
                    () -> new Decoder(network.architecture(), pass).hidden(embedded, step(settings)));
            scores = PhaseEvent.in(PhaseEvent.HEAD_FORWARD,
                    () -> head.score(hidden.detach(), scoredIds, asked, reference, true));
            told = scores.byRows(rows.shape());
            kept.addAll(List.of(ids, scoredIds, embedded, hidden, scores.logSumExp()));
            scores.slopes().ifPresent(kept::add);
            reference.ifPresent(states -> kept.add(states.hidden()));
            kept.forEach(Tensors::kept);
            complete = true;
        } finally {
            if (!complete) { // out of memory, say: nobody will close what was never there
                tape.close();
                pass.close();
            }
        }
    }

    /** Layer by layer on the tape, so that the gradient of a layer never leaves it. */
    private Decoder.Step step(Settings settings) {
        if (!settings.checkpointing()) {
            return (layer, stream) -> layer.apply(stream, pass);
        }
        Pass outside = pass.with(network.weights().outsideGraph(settings.dropout()));
        return (layer, stream) -> tape.checkpoint(
                stream,
                input -> layer.apply(input, outside),
                (input, own) -> layer.apply(input, pass.with(network.weights().onTape(own, settings.dropout()))));
    }

    /** The last hidden states of a network that has no part in the gradient. */
    private static Tensor hiddenOf(Network other, PackedRows rows, Tensor ids) {
        return Tensors.scoped(() -> {
            try (NoGradGuard noGrad = new NoGradGuard()) {
                return other.hidden(rows, ids);
            }
        });
    }

    @Override
    public TokenLogProbs logProbs() {
        return told.logProbs();
    }

    @Override
    public Map<TokenStatistic, TokenLogProbs> statistics() {
        return told.statistics();
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
            Tensor ofHidden = PhaseEvent.in(PhaseEvent.HEAD_BACKWARD, () ->
                    head.backward(hidden.detach(), scoredIds, scores, onDevice(gradient), ofDivergence));
            PhaseEvent.run(PhaseEvent.BODY_BACKWARD, () -> bodyBackward(ofHidden));
        }
    }

    private void bodyBackward(Tensor ofHidden) {
        Tape.backward(hidden, ofHidden);
        tape.backward();
        if (network.embedding().requires_grad()) {
            try (NoGradGuard noGrad = new NoGradGuard()) {
                Gradients.of(network.embedding()).index_add_(0, ids, embedded.grad());
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
            pass.close();
            kept.forEach(Tensor::releaseReference);
        }
    }
}
