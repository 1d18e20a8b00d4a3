package dpo.torch.training;

import dpo.core.backend.ForwardPass;
import dpo.core.backend.GradientChecks;
import dpo.core.backend.TokenScores;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenStatistic;
import dpo.torch.layout.PackedRows;
import dpo.torch.lm.LanguageHead;
import dpo.torch.lm.LanguageModel;
import dpo.torch.tensor.RetainedTensors;
import dpo.torch.tensor.Tensors;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A forward pass of a language model that can be back-propagated through LM head and body; the gradient of the head is
 * written out and added straight to that of the parameters.
 */
@SuppressWarnings("try") // pointer scopes are only opened and closed
public final class TorchForwardPass implements ForwardPass {

    private static final Set<TokenStatistic> DIFFERENTIATED = Set.of(TokenStatistic.REFERENCE_KL);

    private final LanguageHead head;
    private final BodyPass body;
    private final TokenScores results;
    private final Tensor scoredIds;
    private final LanguageHead.Scores scores;
    private final Optional<LanguageHead.Reference> reference;
    private final RetainedTensors retained = new RetainedTensors();

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
            PassSettings settings) {
        this.head = model.head();
        // Before the body's pass, whose saved activations would add to the memory of this one.
        this.reference = referenceModel.map(other -> new LanguageHead.Reference(other.head(), hiddenOf(other, rows)));
        this.body = Tensors.freedOnFailure(retained::close, () -> new BodyPass(model, rows, settings));
        boolean complete = false;
        try (PointerScope scope = new PointerScope()) {
            scoredIds = model.device().place(Tensor.create(rows.scoredIds()));
            scores = PhaseEvent.in(
                    PhaseEvent.HEAD_FORWARD, () -> head.score(body.hidden(), scoredIds, statistics, reference, true));
            results = scores.byRows(rows.shape());
            retained.add(scoredIds);
            retained.add(scores.logSumExp());
            scores.slopes().ifPresent(retained::add);
            complete = true;
        } finally {
            if (!complete) { // out of memory, for example: an object whose constructor fails cannot be closed
                close();
            }
        }
    }

    /** The last hidden states of a model that has no part in the gradient. */
    private Tensor hiddenOf(LanguageModel other, PackedRows rows) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            return retained.add(other.hidden(rows));
        }
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
        GradientChecks.require(logProbs().shape(), gradient, ofStatistics, DIFFERENTIATED);
        body.spend();
        try (PointerScope scope = new PointerScope()) {
            Optional<LanguageHead.OfDivergence> ofDivergence = Optional.ofNullable(
                            ofStatistics.get(TokenStatistic.REFERENCE_KL))
                    .map(given -> new LanguageHead.OfDivergence(reference.orElseThrow(), onDevice(given)));
            Tensor ofHidden = PhaseEvent.in(
                    PhaseEvent.HEAD_BACKWARD,
                    () -> head.backward(body.hidden(), scoredIds, scores, onDevice(gradient), ofDivergence));
            PhaseEvent.run(PhaseEvent.BODY_BACKWARD, () -> body.backward(ofHidden));
        }
    }

    private Tensor onDevice(TokenGradient gradient) {
        return torch.empty_like(scores.logSumExp()).copy_(Tensor.create(gradient.toArray()));
    }

    @Override
    public void close() {
        body.close();
        retained.close();
    }
}
