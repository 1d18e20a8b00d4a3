package dpo.torch.nn.attention;

import dpo.torch.autograd.Operation;
import dpo.torch.nn.ForwardContext;
import dpo.torch.tensor.Precision;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Causal attention over packed rows. The keys of a segment are those before it in its row and its own: an {@link
 * Operation} on queries {@code [packed, heads, d]}, and keys and values {@code [packed, groups, d]}, with the result
 * {@code [packed, heads · d]}.
 *
 * <p>Short segments are computed in blocks, the other ones one by one, see {@link SegmentBlocks}.
 */
final class CausalAttention implements Operation {

    private final Heads heads;
    private final Optional<BlockAttention> blocks;
    private final Optional<SegmentwiseAttention> single;

    CausalAttention(Attention settings, ForwardContext context) {
        this(settings, context, SegmentBlocks.of(settings, context));
    }

    CausalAttention(Attention settings, ForwardContext context, SegmentBlocks segments) {
        this.heads = settings.heads();
        this.blocks = segments.blocks().isEmpty()
                ? Optional.empty()
                : Optional.of(new BlockAttention(settings, context, segments.blocks()));
        this.single = segments.single().isEmpty()
                ? Optional.empty()
                : Optional.of(new SegmentwiseAttention(settings, context, segments.single()));
    }

    @Override
    public Tensor forward(List<Tensor> inputs, boolean forGradient) {
        Tensor attended = blocks.map(several -> several.forward(inputs, forGradient))
                .orElseGet(() -> torch.empty_like(inputs.get(0)));
        single.ifPresent(each -> each.forward(inputs, attended, forGradient));
        return attended.flatten(1, 2);
    }

    @Override
    public List<Tensor> backward(List<Tensor> inputs, Tensor gradient) {
        Tensor ofAttended = gradient.view(-1, heads.queries(), heads.size());
        List<Tensor> ofInputs =
                blocks.map(several -> several.backward(inputs, ofAttended)).orElseGet(() -> withoutBlocks(ofAttended));
        single.ifPresent(each -> each.backward(inputs, ofAttended, ofInputs));
        return ofInputs;
    }

    private List<Tensor> withoutBlocks(Tensor ofAttended) {
        Tensor ofKeys = Precision.widened(ofAttended.new_zeros(ofAttended.size(0), heads.keyValues(), heads.size()));
        return List.of(torch.empty_like(ofAttended), ofKeys, torch.zeros_like(ofKeys));
    }

    @Override
    public void close() {
        blocks.ifPresent(BlockAttention::close);
        single.ifPresent(SegmentwiseAttention::close);
    }
}
