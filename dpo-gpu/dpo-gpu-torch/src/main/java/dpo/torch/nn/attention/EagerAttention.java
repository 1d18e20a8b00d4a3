package dpo.torch.nn.attention;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Attention that saves its softmax, see {@link SavedSoftmax}. The query heads of a group are stacked, so that one matmul
 * serves all heads that share keys and values.
 */
final class EagerAttention implements SegmentAttention {

    private final Heads heads;
    private final SavedSoftmax attention;

    /** @param mask {@code [heads in group · length, seen]}, float32, see {@link CausalMask} */
    EagerAttention(Attention settings, Tensor mask) {
        this.heads = settings.heads();
        this.attention = new SavedSoftmax(settings, new SegmentMask(mask));
    }

    /** A mask that is equal for all groups of heads. */
    private record SegmentMask(Tensor mask) implements SavedSoftmax.Mask {

        @Override
        public Tensor scores(Tensor queries, Tensor keysTransposed, Scalar scale) {
            return torch.baddbmm(mask.to(queries.scalar_type()), queries, keysTransposed, new Scalar(1.0), scale);
        }

        @Override
        public Tensor addedTo(Tensor scores) {
            return scores.add(mask);
        }
    }

    @Override
    public Tensor forward(List<Tensor> inputs, boolean forGradient) {
        return unstacked(attention.forward(stacked(inputs.get(0)), inputs.get(1), inputs.get(2), forGradient));
    }

    @Override
    public List<Tensor> backward(List<Tensor> inputs, Tensor gradient) {
        SavedSoftmax.Gradients gradients =
                attention.backward(stacked(inputs.get(0)), inputs.get(1), inputs.get(2), stacked(gradient));
        return List.of(unstacked(gradients.queries()), gradients.keys(), gradients.values());
    }

    /** {@code [length, heads, d]} as {@code [groups, heads in group · length, d]}. */
    private Tensor stacked(Tensor vectors) {
        return vectors.view(vectors.size(0), heads.keyValues(), heads.inGroup(), heads.size())
                .permute(1, 2, 0, 3)
                .reshape(heads.keyValues(), -1, heads.size());
    }

    private Tensor unstacked(Tensor stacked) {
        return stacked.view(heads.keyValues(), heads.inGroup(), -1, heads.size())
                .permute(2, 0, 1, 3)
                .flatten(1, 2);
    }

    @Override
    public void close() {
        attention.close();
    }
}
