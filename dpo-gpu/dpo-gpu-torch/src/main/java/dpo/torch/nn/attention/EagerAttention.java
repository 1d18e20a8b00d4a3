package dpo.torch.nn.attention;

import dpo.torch.tensor.BoxedOperator;
import dpo.torch.tensor.RetainedTensors;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Attention that saves its softmax P, {@code heads · length · seen} numbers, for the backward pass: with the gradient g
 * of the result, {@code ∂v = Pᵀ g}, {@code ∂S = P ∘ (g vᵀ − rowsum(P ∘ g vᵀ))}, times the slope of the cap,
 * {@code ∂q = s ∂S k} and {@code ∂k = s ∂Sᵀ q}.
 *
 * <p>The query heads of a group are stacked, so that one matmul serves all heads that share keys and values. Scores and
 * softmax are float32; P is saved, and multiplied, in the dtype of matmuls.
 */
final class EagerAttention implements SegmentAttention {

    private final Attention settings;
    private final Tensor mask;

    /** P, and with a cap the capped scores. */
    private final RetainedTensors saved = new RetainedTensors();

    /** @param mask {@code [heads in group · length, seen]}, float32, see {@link CausalMask} */
    EagerAttention(Attention settings, Tensor mask) {
        this.settings = settings;
        this.mask = mask;
    }

    @Override
    public Tensor forward(List<Tensor> inputs, boolean forGradient) {
        ScalarType ofMatMuls = inputs.get(2).scalar_type();
        Tensor queries = stacked(inputs.get(0)).to(ScalarType.Float);
        Tensor keysTransposed = inputs.get(1).to(ScalarType.Float).transpose(1, 2);
        Scalar scale = new Scalar(settings.scale());
        Optional<Tensor> capped = settings.softCap()
                .map(cap -> cap.applyTo(queries.bmm(keysTransposed).mul_(scale)));
        Tensor scores = capped.map(within -> within.add(mask))
                .orElseGet(() -> torch.baddbmm(mask, queries, keysTransposed, new Scalar(1.0), scale));
        Tensor softmax = scores.softmax(-1).to(ofMatMuls);
        if (forGradient) {
            saved.add(softmax);
            capped.ifPresent(within -> saved.add(within.to(ofMatMuls)));
        }
        return unstacked(softmax.bmm(inputs.get(2)));
    }

    @Override
    public List<Tensor> backward(List<Tensor> inputs, Tensor gradient) {
        Tensor softmax = saved.get(0);
        Tensor ofResult = stacked(gradient);
        Tensor ofScores = beforeSoftmax(ofResult.bmm(inputs.get(2).transpose(1, 2)), softmax);
        settings.softCap().ifPresent(cap -> ofScores.mul_(cap.slope(saved.get(1))));
        Scalar scale = new Scalar(settings.scale());
        return List.of(
                unstacked(ofScores.bmm(inputs.get(1)).mul_(scale)),
                ofScores.transpose(1, 2).bmm(stacked(inputs.get(0))).mul_(scale),
                softmax.transpose(1, 2).bmm(ofResult));
    }

    /** The gradient of the input of a softmax over the last dimension. */
    private static Tensor beforeSoftmax(Tensor gradient, Tensor softmax) {
        return BoxedOperator.of("aten::_softmax_backward_data")
                .call(new IValue(gradient), new IValue(softmax), new IValue(-1L), new IValue((long)
                        softmax.scalar_type().value));
    }

    /** {@code [length, heads, d]} as {@code [groups, heads in group · length, d]}. */
    private Tensor stacked(Tensor vectors) {
        long groups = settings.heads().keyValues();
        long length = vectors.size(0);
        return vectors.view(
                        length,
                        groups,
                        settings.heads().inGroup(),
                        settings.heads().size())
                .permute(1, 2, 0, 3)
                .reshape(groups, -1, settings.heads().size());
    }

    private Tensor unstacked(Tensor stacked) {
        long groups = settings.heads().keyValues();
        return stacked.view(
                        groups, settings.heads().inGroup(), -1, settings.heads().size())
                .permute(2, 0, 1, 3)
                .flatten(1, 2);
    }

    @Override
    public void close() {
        saved.close();
    }
}
