package dpo.torch.nn.attention;

import dpo.torch.compute.TaskPool;
import dpo.torch.nn.ForwardContext;
import dpo.torch.nn.attention.BlockIndex.OfBlock;
import dpo.torch.tensor.Precision;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * The attention of the segments of {@link SegmentBlocks}, all segments of a block at once. Inputs and results are those
 * of {@link CausalAttention}; rows of the results that belong to segments outside blocks hold any numbers, and 0 in the
 * gradients of keys and values if no segment of a block attends to them.
 */
final class BlockAttention implements AutoCloseable {

    private static final long SUM = 0;

    private final Heads heads;
    private final TaskPool taskPool;
    private final BlockIndex index;
    private final List<SavedSoftmax> attentions;

    BlockAttention(Attention settings, ForwardContext context, List<SegmentBlocks.Block> blocks) {
        this.heads = settings.heads();
        this.taskPool = context.device().taskPool();
        this.index = BlockIndex.of(settings, context, blocks);
        this.attentions = index.blocks().stream()
                .map(block -> new SavedSoftmax(settings, new PaddingMask(block.mask(), heads)))
                .toList();
    }

    /** A mask of each segment of a block, {@code [segments, 1, queries, keys]}, equal for all heads. */
    private record PaddingMask(Tensor mask, Heads heads) implements SavedSoftmax.Mask {

        @Override
        public Tensor scores(Tensor queries, Tensor keysTransposed, Scalar scale) {
            Tensor products = queries.bmm(keysTransposed);
            Tensor ofHeads = ofHeads(products);
            torch.add_out(ofHeads, mask, ofHeads, scale);
            return products;
        }

        @Override
        public Tensor addedTo(Tensor scores) {
            return ofHeads(scores).add(mask).view(scores.sizes());
        }

        private Tensor ofHeads(Tensor scores) {
            return scores.view(mask.size(0), heads.queries(), mask.size(2), mask.size(3));
        }
    }

    /** The attended values, {@code [packed, heads, d]}. */
    Tensor forward(List<Tensor> inputs, boolean forGradient) {
        Tensor attended = inputs.get(0).new_empty(index.queryRows(), heads.size());
        taskPool.run(index.blocks().size(), task -> {
            OfBlock block = index.blocks().get(task);
            SavedSoftmax attention = attentions.get(task);
            block.queriesFrom(attended)
                    .copy_(rows(attention.forward(
                            stacked(inputs.get(0), block.queries(), block),
                            stacked(inputs.get(1), block.keys(), block),
                            stacked(inputs.get(2), block.keys(), block),
                            forGradient)));
        });
        return packedQueries(attended);
    }

    /** The gradients of queries, {@code [packed, heads, d]}, and in float32 of keys and values. */
    List<Tensor> backward(List<Tensor> inputs, Tensor ofAttended) {
        Tensor ofQueries = ofAttended.new_empty(index.queryRows(), heads.size());
        Tensor ofKeys = Precision.widened(ofAttended.new_empty(index.keyRows(), heads.size()));
        Tensor ofValues = torch.empty_like(ofKeys);
        taskPool.run(index.blocks().size(), task -> {
            OfBlock block = index.blocks().get(task);
            Tensor gradient = stacked(ofAttended, block.queries(), block);
            rows(gradient).mul_(block.isQuery());
            SavedSoftmax.Gradients gradients = attentions
                    .get(task)
                    .backward(
                            stacked(inputs.get(0), block.queries(), block),
                            stacked(inputs.get(1), block.keys(), block),
                            stacked(inputs.get(2), block.keys(), block),
                            gradient);
            attentions.get(task).close();
            block.queriesFrom(ofQueries).copy_(rows(gradients.queries()));
            block.keysFrom(ofKeys).copy_(rows(gradients.keys()));
            block.keysFrom(ofValues).copy_(rows(gradients.values()));
        });
        return List.of(packedQueries(ofQueries), packedKeys(ofKeys), packedKeys(ofValues));
    }

    /** The chosen rows of packed vectors, {@code [segments · groups, …, d]}, those of a group one after the other. */
    private Tensor stacked(Tensor packed, Tensor chosen, OfBlock block) {
        return rows(packed.contiguous())
                .index_select(0, chosen)
                .view((long) block.block().segments().size() * heads.keyValues(), -1, heads.size());
    }

    private Tensor rows(Tensor vectors) {
        return vectors.view(-1, heads.size());
    }

    private Tensor packedQueries(Tensor inBlocks) {
        return inBlocks.index_select(0, index.queries()).view(-1, heads.queries(), heads.size());
    }

    /** The sums over all segments that attend to a key, in the order of the blocks. */
    private Tensor packedKeys(Tensor inBlocks) {
        return torch.embedding_bag(
                        inBlocks,
                        index.keys(),
                        index.keyStarts(),
                        false,
                        SUM,
                        false,
                        new TensorOptional(),
                        false,
                        new LongOptional())
                .get0()
                .view(-1, heads.keyValues(), heads.size());
    }

    @Override
    public void close() {
        attentions.forEach(SavedSoftmax::close);
    }
}
