package dpo.torch;

import dpo.core.backend.ForwardPass;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenStatistic;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
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

    private final Network network;
    private final TokenLogProbs logProbs;
    private final Map<TokenStatistic, TokenLogProbs> statistics = new EnumMap<>(TokenStatistic.class);
    private final Tensor ids;
    private final Tensor scoredIds;
    private final Tensor embedded;
    private final Tensor hidden;
    private final Tensor logSumExp;
    private final List<Tensor> kept;
    private boolean spent;
    private boolean closed;

    TorchForwardPass(Network network, PackedRows rows, Set<TokenStatistic> asked) {
        this.network = network;
        try (PointerScope scope = new PointerScope()) {
            ids = network.machine().device().place(Tensor.create(rows.ids()));
            scoredIds = network.machine().device().place(Tensor.create(rows.scoredIds()));
            embedded = network.embed(ids).set_requires_grad(true);
            hidden = network.decoder().hidden(rows, embedded);
            LanguageHead.Scores scores = network.head().score(hidden.detach(), scoredIds, asked);
            logSumExp = scores.logSumExp();
            logProbs = TokenLogProbs.of(rows.shape(), Tensors.toDoubles(scores.logProbs()));
            scores.statistics().forEach((statistic, values) ->
                    statistics.put(statistic, TokenLogProbs.of(rows.shape(), Tensors.toDoubles(values))));
            kept = List.of(ids, scoredIds, embedded, hidden, logSumExp);
            kept.forEach(Tensors::kept);
        }
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
        if (spent || closed) {
            throw new IllegalStateException("backward must be called at most once, and before close");
        }
        if (!gradient.shape().equals(logProbs.shape())) {
            throw new IllegalArgumentException(
                    "gradient must have the shape of the log-probs, " + logProbs.shape() + ", got " + gradient.shape());
        }
        spent = true;
        try (PointerScope scope = new PointerScope()) {
            Tensor given = torch.empty_like(logSumExp);
            given.copy_(Tensor.create(gradient.toArray()));
            Tensor ofHidden = network.head().backward(hidden.detach(), scoredIds, logSumExp, given);
            hidden.backward(ofHidden, new BoolOptional(false), false, new TensorArrayRefOptional());
            try (NoGradGuard noGrad = new NoGradGuard()) {
                Gradients.of(network.embedding()).index_add_(0, ids, embedded.grad());
            }
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            kept.forEach(Tensor::releaseReference);
        }
    }
}
