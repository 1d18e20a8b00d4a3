package dpo.torch.block;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.global.torch;

/**
 * Attention whose softmax P is kept for the gradient, {@code heads · length · seen} numbers: with the gradient g of the
 * result, {@code ∂v = Pᵀ g}, {@code ∂S = P ∘ (g vᵀ − rowsum(P ∘ g vᵀ))}, times the slope of the cap,
 * {@code ∂q = s ∂S k} and {@code ∂k = s ∂Sᵀ q}.
 *
 * <p>The query heads of a group are stacked, so that one product serves all heads that share keys and values. Scores and
 * their softmax are float32; P is kept, and multiplied, in the format of products.
 */
final class WholeAttention implements SegmentAttention {

    private final Attention settings;
    private final Tensor mask;

    /** P, and with a cap the capped scores. */
    private final List<Tensor> kept = new ArrayList<>();

    /** @param mask {@code [heads in group · length, seen]}, float32, see {@link CausalMask} */
    WholeAttention(Attention settings, Tensor mask) {
        this.settings = settings;
        this.mask = mask;
    }

    @Override
    public Tensor forward(List<Tensor> inputs, boolean forGradient) {
        ScalarType ofProducts = inputs.get(2).scalar_type();
        Tensor queries = stacked(inputs.get(0)).to(ScalarType.Float);
        Tensor keysTransposed = inputs.get(1).to(ScalarType.Float).transpose(1, 2);
        Scalar scale = new Scalar(settings.scale());
        Optional<Tensor> capped =
                settings.softCap().map(cap -> cap.applyTo(queries.bmm(keysTransposed).mul_(scale)));
        Tensor scores = capped.map(within -> within.add(mask))
                .orElseGet(() -> torch.baddbmm(mask, queries, keysTransposed, new Scalar(1.0), scale));
        Tensor softmax = scores.softmax(-1).to(ofProducts);
        if (forGradient) {
            keep(softmax);
            capped.ifPresent(within -> keep(within.to(ofProducts)));
        }
        return unstacked(softmax.bmm(inputs.get(2)));
    }

    @Override
    public List<Tensor> backward(List<Tensor> inputs, Tensor gradient) {
        Tensor softmax = kept.get(0);
        Tensor ofResult = stacked(gradient);
        Tensor ofScores = ofLogits(ofResult.bmm(inputs.get(2).transpose(1, 2)), softmax);
        settings.softCap().ifPresent(cap -> ofScores.mul_(cap.slope(kept.get(1))));
        Scalar scale = new Scalar(settings.scale());
        return List.of(
                unstacked(ofScores.bmm(inputs.get(1)).mul_(scale)),
                ofScores.transpose(1, 2).bmm(stacked(inputs.get(0))).mul_(scale),
                softmax.transpose(1, 2).bmm(ofResult));
    }

    /** The gradient in front of a softmax over the last dimension, by libtorch's kernel, which the bindings lack. */
    private static Tensor ofLogits(Tensor gradient, Tensor softmax) {
        IValueVector stack = new IValueVector(
                new IValue(gradient), new IValue(softmax), new IValue(-1L),
                new IValue((long) softmax.scalar_type().value));
        Dispatcher.singleton().findSchemaOrThrow("aten::_softmax_backward_data", "").callBoxed(stack);
        return new Tensor(stack.get(0).toTensor());
    }

    /** {@code [length, heads, d]} as {@code [groups, heads in group · length, d]}. */
    private Tensor stacked(Tensor vectors) {
        long groups = settings.heads().keyValues();
        long length = vectors.size(0);
        return vectors.view(length, groups, settings.heads().inGroup(), settings.heads().size())
                .permute(1, 2, 0, 3)
                .reshape(groups, -1, settings.heads().size());
    }

    private Tensor unstacked(Tensor stacked) {
        long groups = settings.heads().keyValues();
        return stacked.view(groups, settings.heads().inGroup(), -1, settings.heads().size())
                .permute(2, 0, 1, 3)
                .flatten(1, 2);
    }

    private void keep(Tensor tensor) {
        tensor.retainReference();
        kept.add(tensor);
    }

    @Override
    public void close() {
        kept.forEach(Tensor::releaseReference);
        kept.clear();
    }
}
