package dpo.torch.block;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The same as {@link CausalAttention} by few large operations, for CUDA, where an operation costs its launch: libtorch's
 * memory-efficient kernel for sequences of unlike lengths computes all segments in one call, and keeps no softmax.
 *
 * <p>Repeats have the same bits where libtorch is told to be deterministic, see {@code dpo.torch.Machine}. Where several
 * segments see a key, its gradients are added in float32.
 */
final class VariableLengthAttention implements Operation {

    private static final String NAME = "aten::_efficient_attention_";
    private static final double NO_DROPOUT = 0;

    /** Numbers that the kernel reads at a time, in bfloat16. */
    private static final int PIECE = 8;

    /** The kernel's causal masks begin at the first query and key, or end at the last: the last query sees all keys. */
    private static final long CAUSAL_FROM_THE_END = 2;

    private final Attention settings;
    private final SeenKeys.Placed seen;

    /** The result, its log-sum-exps, and the two halves of a random state that dropout would have. */
    private final List<Tensor> kept = new ArrayList<>();

    VariableLengthAttention(Attention settings, Pass pass) {
        this.settings = settings;
        this.seen = pass.seenKeys();
    }

    /**
     * Whether the kernel can compute it: its scores have no bounds, it reads vectors by pieces, and its gradient is wrong
     * where a window cuts.
     */
    static boolean canCompute(Attention settings, Pass pass) {
        return settings.softCap().isEmpty()
                && settings.heads().size() % PIECE == 0
                && (settings.window().isEmpty() || settings.window().getAsInt() >= pass.seenKeys().mostKeys());
    }

    @Override
    public Tensor forward(List<Tensor> inputs, boolean forGradient) {
        IValueVector stack = new IValueVector(
                batch(inputs.get(0)), batch(forEachHead(inputs.get(1))), batch(forEachHead(inputs.get(2))),
                new IValue(), // no bias
                new IValue(seen.queryEnds()), new IValue(seen.keyEnds()),
                new IValue(seen.mostQueries()), new IValue(seen.mostKeys()),
                new IValue(NO_DROPOUT),
                new IValue(CAUSAL_FROM_THE_END),
                new IValue(forGradient), // log-sum-exps
                new IValue(settings.scale()),
                new IValue(), // no other lengths of keys
                new IValue()); // no window
        Dispatcher.singleton().findSchemaOrThrow(NAME + "forward", "").callBoxed(stack);
        if (forGradient) {
            for (int i = 0; i < 4; i++) {
                Tensor result = result(stack, i);
                result.retainReference();
                kept.add(result);
            }
        }
        return result(stack, 0).squeeze(0).flatten(1, 2);
    }

    @Override
    public List<Tensor> backward(List<Tensor> inputs, Tensor gradient) {
        IValueVector stack = new IValueVector(
                batch(gradient.reshape(kept.get(0).sizes()).squeeze(0)),
                batch(inputs.get(0)), batch(forEachHead(inputs.get(1))), batch(forEachHead(inputs.get(2))),
                new IValue(), // no bias
                new IValue(kept.get(0)),
                new IValue(seen.queryEnds()), new IValue(seen.keyEnds()),
                new IValue(seen.mostQueries()), new IValue(seen.mostKeys()),
                new IValue(kept.get(1)),
                new IValue(NO_DROPOUT), new IValue(kept.get(2)), new IValue(kept.get(3)),
                new IValue(CAUSAL_FROM_THE_END),
                new IValue(false), // a gradient of the bias
                new IValue(settings.scale()),
                new IValue(1L), // parts of the keys
                new IValue(), // no window
                new IValue(false)); // one block for the three gradients
        Dispatcher.singleton().findSchemaOrThrow(NAME + "backward", "").callBoxed(stack);
        return List.of(
                result(stack, 0).squeeze(0),
                ofPacked(result(stack, 1), inputs.get(1)),
                ofPacked(result(stack, 2), inputs.get(2)));
    }

    private static IValue batch(Tensor vectors) {
        return new IValue(vectors.contiguous().unsqueeze(0));
    }

    private static Tensor result(IValueVector stack, int index) {
        return new Tensor(stack.get(index).toTensor());
    }

    /** Packed keys or values {@code [packed, groups, d]} as they are seen, repeated for the heads that share them. */
    private Tensor forEachHead(Tensor shared) {
        Heads heads = settings.heads();
        Tensor all = shared.index_select(0, seen.packedOf());
        return all.unsqueeze(2)
                .expand(all.size(0), heads.keyValues(), heads.inGroup(), heads.size())
                .reshape(all.size(0), heads.queries(), heads.size());
    }

    /** The gradient of packed keys or values {@code [packed, groups, d]} from those of each as it is seen by a head. */
    private Tensor ofPacked(Tensor ofEach, Tensor packed) {
        Heads heads = settings.heads();
        Tensor ofSeen = ofEach.view(ofEach.size(1), heads.keyValues(), heads.inGroup(), heads.size())
                .sum(new long[] {2}, false, new ScalarTypeOptional(ScalarType.Float));
        return ofSeen.new_zeros(packed.sizes()).index_add_(0, seen.packedOf(), ofSeen);
    }

    @Override
    public void close() {
        kept.forEach(Tensor::releaseReference);
        kept.clear();
    }
}
