package dpo.torch.nn.attention;

import dpo.torch.autograd.Operation;
import dpo.torch.nn.ForwardContext;
import dpo.torch.tensor.BoxedOperator;
import dpo.torch.tensor.RetainedTensors;
import java.util.List;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * {@link CausalAttention} with few large operations, for CUDA, where every launch has a cost: libtorch's
 * memory-efficient kernel for sequences of different lengths computes all segments in one call, and saves no softmax.
 *
 * <p>Repeated runs give the same bits if libtorch is set to be deterministic, see {@link
 * dpo.torch.compute.ComputeDevice#activate}. Gradients of keys that several segments attend to are added in float32.
 */
final class VariableLengthAttention implements Operation {

    private static final String NAME = "aten::_efficient_attention_";
    private static final double NO_DROPOUT = 0;

    /** The kernel reads vectors in multiples of this many bfloat16 numbers. */
    private static final int ALIGNMENT = 8;

    /**
     * The kernel's causal masks are aligned to the first or to the last query and key; here the last query attends to
     * all keys.
     */
    private static final long CAUSAL_FROM_THE_END = 2;

    private final Attention settings;
    private final VarlenIndex.OnDevice index;

    /** The result, its log-sum-exps, and the two halves of the random state of the dropout that is not used. */
    private final RetainedTensors saved = new RetainedTensors();

    VariableLengthAttention(Attention settings, ForwardContext context) {
        this.settings = settings;
        this.index = VarlenIndex.of(context);
    }

    /**
     * Whether the kernel supports this attention: it has no soft cap, its vectors have to be aligned, and its gradient
     * is wrong if a window hides keys.
     */
    static boolean supports(Attention settings, ForwardContext context) {
        return settings.softCap().isEmpty()
                && settings.heads().size() % ALIGNMENT == 0
                && (settings.window().isEmpty()
                        || settings.window().getAsInt()
                                >= VarlenIndex.of(context).mostKeys());
    }

    @Override
    public Tensor forward(List<Tensor> inputs, boolean forGradient) {
        Tensor[] results = BoxedOperator.of(NAME + "forward")
                .call(
                        forGradient ? 4 : 1,
                        batch(inputs.get(0)),
                        batch(forEachHead(inputs.get(1))),
                        batch(forEachHead(inputs.get(2))),
                        new IValue(), // no bias
                        new IValue(index.queryEnds()),
                        new IValue(index.keyEnds()),
                        new IValue(index.mostQueries()),
                        new IValue(index.mostKeys()),
                        new IValue(NO_DROPOUT),
                        new IValue(CAUSAL_FROM_THE_END),
                        new IValue(forGradient), // log-sum-exps
                        new IValue(settings.scale()),
                        new IValue(), // no other lengths of keys
                        new IValue()); // no window
        if (forGradient) {
            for (Tensor result : results) {
                saved.add(result);
            }
        }
        return results[0].squeeze(0).flatten(1, 2);
    }

    @Override
    public List<Tensor> backward(List<Tensor> inputs, Tensor gradient) {
        Tensor[] gradients = BoxedOperator.of(NAME + "backward")
                .call(
                        3,
                        batch(gradient.reshape(saved.get(0).sizes()).squeeze(0)),
                        batch(inputs.get(0)),
                        batch(forEachHead(inputs.get(1))),
                        batch(forEachHead(inputs.get(2))),
                        new IValue(), // no bias
                        new IValue(saved.get(0)),
                        new IValue(index.queryEnds()),
                        new IValue(index.keyEnds()),
                        new IValue(index.mostQueries()),
                        new IValue(index.mostKeys()),
                        new IValue(saved.get(1)),
                        new IValue(NO_DROPOUT),
                        new IValue(saved.get(2)),
                        new IValue(saved.get(3)),
                        new IValue(CAUSAL_FROM_THE_END),
                        new IValue(false), // a gradient of the bias
                        new IValue(settings.scale()),
                        new IValue(1L), // splits of the keys
                        new IValue(), // no window
                        new IValue(false)); // one block of memory for the three gradients
        return List.of(
                gradients[0].squeeze(0), ofPacked(gradients[1], inputs.get(1)), ofPacked(gradients[2], inputs.get(2)));
    }

    private static IValue batch(Tensor vectors) {
        return new IValue(vectors.contiguous().unsqueeze(0));
    }

    /** Packed keys or values {@code [packed, groups, d]}, gathered and repeated for the heads that share them. */
    private Tensor forEachHead(Tensor shared) {
        Heads heads = settings.heads();
        Tensor gathered = shared.index_select(0, index.keyIndices());
        return gathered.unsqueeze(2)
                .expand(gathered.size(0), heads.keyValues(), heads.inGroup(), heads.size())
                .reshape(gathered.size(0), heads.queries(), heads.size());
    }

    /**
     * The gradient of packed keys or values {@code [packed, groups, d]} from that of each gathered copy of each head.
     */
    private Tensor ofPacked(Tensor ofEach, Tensor packed) {
        Heads heads = settings.heads();
        Tensor ofGathered = ofEach.view(ofEach.size(1), heads.keyValues(), heads.inGroup(), heads.size())
                .sum(new long[] {2}, false, new ScalarTypeOptional(ScalarType.Float));
        return ofGathered.new_zeros(packed.sizes()).index_add_(0, index.keyIndices(), ofGathered);
    }

    @Override
    public void close() {
        saved.close();
    }
}
