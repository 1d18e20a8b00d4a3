package dpo.torch.block;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.global.torch;

/**
 * Attention by libtorch's tiled kernel, which keeps no softmax and computes it anew for the gradient. In float32: the
 * kernel's products of bfloat16 numbers are not those of oneDNN, and some ten times slower.
 */
@SuppressWarnings("try") // scopes are opened and closed, not used
final class TiledAttention implements SegmentAttention {

    private final Attention settings;
    private final TensorOptional mask;
    private final boolean causal;

    /** Queries, keys and values in float32, and in libtorch's graph the result. */
    private final List<Tensor> kept = new ArrayList<>();

    /** @param mask {@code [length, seen]}, float32, see {@link CausalMask}; without one a query sees all keys up to its own */
    TiledAttention(Attention settings, Optional<Tensor> mask) {
        this.settings = settings;
        this.mask = mask.map(TensorOptional::new).orElseGet(TensorOptional::new);
        this.causal = mask.isEmpty();
    }

    @Override
    public Tensor forward(List<Tensor> inputs, boolean forGradient) {
        try (AutoGradMode graph = new AutoGradMode(forGradient)) {
            Tensor queries = leaf(inputs.get(0), forGradient);
            Tensor keys = leaf(inputs.get(1), forGradient);
            Tensor values = leaf(inputs.get(2), forGradient);
            Tensor attended = torch.scaled_dot_product_attention(
                    queries.transpose(0, 1).unsqueeze(0), forEachHead(keys), forEachHead(values),
                    mask, 0.0, causal, new DoubleOptional(settings.scale()), false);
            if (forGradient) {
                keep(attended);
            }
            return attended.detach().squeeze(0).transpose(0, 1);
        }
    }

    private Tensor leaf(Tensor input, boolean forGradient) {
        Tensor leaf = input.detach().to(ScalarType.Float);
        if (forGradient) {
            leaf.set_requires_grad(true);
            keep(leaf);
        }
        return leaf;
    }

    private void keep(Tensor tensor) {
        tensor.retainReference();
        kept.add(tensor);
    }

    @Override
    public List<Tensor> backward(List<Tensor> inputs, Tensor gradient) {
        Tensor ofAttended = gradient.to(ScalarType.Float).transpose(0, 1).unsqueeze(0);
        kept.get(3).backward(ofAttended, new BoolOptional(false), false, new TensorArrayRefOptional());
        // Handles of our own: those of the bindings do not outlive the leaves.
        return kept.subList(0, 3).stream().map(leaf -> new Tensor(leaf.grad())).toList();
    }

    /** Keys or values {@code [groups, seen, d]} repeated for the heads that share them: {@code [1, heads, seen, d]}. */
    private Tensor forEachHead(Tensor shared) {
        long groups = settings.heads().keyValues();
        long headsInGroup = settings.heads().inGroup();
        return shared.unsqueeze(1)
                .expand(groups, headsInGroup, shared.size(1), shared.size(2))
                .reshape(1, groups * headsInGroup, shared.size(1), shared.size(2));
    }

    @Override
    public void close() {
        kept.forEach(Tensor::releaseReference);
        kept.clear();
    }
}
