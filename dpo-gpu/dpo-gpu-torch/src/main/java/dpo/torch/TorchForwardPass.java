package dpo.torch;

import dpo.core.backend.ForwardPass;
import dpo.core.backend.GradientChecks;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenStatistic;
import dpo.torch.block.PackedRows;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * One evaluation that libtorch's graph keeps open from the embeddings to the last hidden states. Head and embedding lie
 * outside the graph: their gradients are written out, and go straight into the parameters' own.
 */
@SuppressWarnings("try") // scopes are opened and closed, not used
final class TorchForwardPass implements ForwardPass {

    private static final Set<TokenStatistic> DIFFERENTIATED = Set.of(TokenStatistic.REFERENCE_KL);

    private final Network network;
    private final TokenLogProbs logProbs;
    private final Map<TokenStatistic, TokenLogProbs> statistics = new EnumMap<>(TokenStatistic.class);
    private final Tensor ids;
    private final Tensor scoredIds;
    private final Tensor embedded;
    private final Tensor hidden;
    private final Tensor logSumExp;
    private final Optional<LanguageHead.Reference> reference;
    private final List<Tensor> kept = new ArrayList<>();
    private boolean spent;
    private boolean closed;

    /**
     * @param asked statistics to compute
     * @param referenceNetwork of the divergence, where that is asked for
     */
    TorchForwardPass(
            Network network, PackedRows rows, Set<TokenStatistic> asked, Optional<Network> referenceNetwork) {
        this.network = network;
        try (PointerScope scope = new PointerScope()) {
            ids = network.machine().device().place(Tensor.create(rows.ids()));
            scoredIds = network.machine().device().place(Tensor.create(rows.scoredIds()));
            reference = referenceNetwork.map(other -> new LanguageHead.Reference(other.head(), hiddenOf(other, rows)));
            embedded = network.embed(ids).set_requires_grad(true);
            hidden = network.decoder().hidden(rows, embedded);
            LanguageHead.Scores scores = network.head().score(hidden.detach(), scoredIds, asked, reference);
            logSumExp = scores.logSumExp();
            logProbs = TokenLogProbs.of(rows.shape(), Tensors.toDoubles(scores.logProbs()));
            scores.statistics().forEach((statistic, values) ->
                    statistics.put(statistic, TokenLogProbs.of(rows.shape(), Tensors.toDoubles(values))));
            kept.addAll(List.of(ids, scoredIds, embedded, hidden, logSumExp));
            reference.ifPresent(states -> kept.add(states.hidden()));
            kept.forEach(Tensors::kept);
        }
    }

    /** The last hidden states of a network that has no part in the gradient. */
    private Tensor hiddenOf(Network other, PackedRows rows) {
        return Tensors.scoped(() -> {
            try (NoGradGuard noGrad = new NoGradGuard()) {
                return other.decoder().hidden(rows, other.embed(ids));
            }
        });
    }

    @Override
    public TokenLogProbs logProbs() {
        return logProbs;
    }

    @Override
    public Map<TokenStatistic, TokenLogProbs> statistics() {
        return statistics;
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
        GradientChecks.require(logProbs.shape(), gradient, ofStatistics, DIFFERENTIATED);
        spent = true;
        try (PointerScope scope = new PointerScope()) {
            Optional<LanguageHead.OfDivergence> ofDivergence = Optional.ofNullable(
                            ofStatistics.get(TokenStatistic.REFERENCE_KL))
                    .map(given -> new LanguageHead.OfDivergence(reference.orElseThrow(), onDevice(given)));
            Tensor ofHidden = network.head()
                    .backward(hidden.detach(), scoredIds, logSumExp, onDevice(gradient), ofDivergence);
            hidden.backward(ofHidden, new BoolOptional(false), false, new TensorArrayRefOptional());
            try (NoGradGuard noGrad = new NoGradGuard()) {
                Gradients.of(network.embedding()).index_add_(0, ids, embedded.grad());
            }
        }
    }

    private Tensor onDevice(TokenGradient gradient) {
        return torch.empty_like(logSumExp).copy_(Tensor.create(gradient.toArray()));
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            kept.forEach(Tensor::releaseReference);
        }
    }
}
