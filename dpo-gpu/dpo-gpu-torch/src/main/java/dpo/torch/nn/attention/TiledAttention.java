package dpo.torch.nn.attention;

import dpo.torch.autograd.Tape;
import dpo.torch.tensor.RetainedTensors;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Attention by libtorch's tiled kernel, which recomputes the softmax in the backward pass instead of saving it. It runs
 * in float32: the kernel's bfloat16 matmuls are not those of oneDNN, and about ten times slower.
 */
@SuppressWarnings("try") // pointer scopes are only opened and closed
final class TiledAttention implements SegmentAttention {

    private final Attention settings;
    private final TensorOptional mask;
    private final boolean causal;

    /** Queries, keys and values in float32, and in libtorch's graph the result. */
    private final RetainedTensors saved = new RetainedTensors();

    /**
     * @param mask {@code [length, seen]}, float32, see {@link CausalMask}; without it a query attends to all keys up to
     *     its own
     */
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
                    queries.transpose(0, 1).unsqueeze(0),
                    forEachHead(keys),
                    forEachHead(values),
                    mask,
                    0.0,
                    causal,
                    new DoubleOptional(settings.scale()),
                    false);
            if (forGradient) {
                saved.add(attended);
            }
            return attended.detach().squeeze(0).transpose(0, 1);
        }
    }

    private Tensor leaf(Tensor input, boolean forGradient) {
        Tensor float32 = input.detach().to(ScalarType.Float);
        return forGradient ? saved.add(Tape.leaf(float32)) : float32;
    }

    @Override
    public List<Tensor> backward(List<Tensor> inputs, Tensor gradient) {
        Tape.backward(
                saved.get(3), gradient.to(ScalarType.Float).transpose(0, 1).unsqueeze(0));
        // New handles, because those of the bindings are released with the leaves.
        return Stream.of(saved.get(0), saved.get(1), saved.get(2))
                .map(leaf -> new Tensor(leaf.grad()))
                .toList();
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
        saved.close();
    }
}
