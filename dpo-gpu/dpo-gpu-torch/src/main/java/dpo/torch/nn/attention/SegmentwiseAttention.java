package dpo.torch.nn.attention;

import dpo.torch.autograd.Operation;
import dpo.torch.compute.TaskPool;
import dpo.torch.layout.PackedRows;
import dpo.torch.layout.PackedRows.Prefix;
import dpo.torch.layout.PackedRows.Segment;
import dpo.torch.nn.ForwardContext;
import dpo.torch.tensor.Precision;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The attention of some segments of packed rows, one by one. Inputs and results are those of {@link CausalAttention}.
 *
 * <p>Segments are computed in parallel, except tiled ones, each of which uses all threads. Gradients of keys that
 * several segments attend to are added in the order of the segments, in float32, so that results do not depend on
 * timing.
 */
final class SegmentwiseAttention implements AutoCloseable {

    private final PackedRows rows;
    private final Heads heads;
    private final TaskPool taskPool;
    private final Map<Integer, SegmentAttention> attentions = new LinkedHashMap<>();
    private final List<Integer> tiled;
    private final List<Integer> others;

    /** @param indices of the segments, in ascending order */
    SegmentwiseAttention(Attention settings, ForwardContext context, List<Integer> indices) {
        this.rows = context.layout().requirePacked();
        this.heads = settings.heads();
        this.taskPool = context.device().taskPool();
        List<Segment> segments = rows.segments();
        indices.forEach(index -> attentions.put(index, SegmentAttention.of(settings, context, segments.get(index))));
        // The longest first, so that threads finish at about the same time.
        List<Integer> longestFirst = indices.stream()
                .sorted(Comparator.comparingLong(index -> -segments.get(index).scores()))
                .toList();
        this.tiled = longestFirst.stream()
                .filter(index -> settings.isTiled(segments.get(index)))
                .toList();
        this.others = longestFirst.stream()
                .filter(index -> !settings.isTiled(segments.get(index)))
                .toList();
    }

    /** Stores the attended values in the rows of the segments, {@code [packed, heads, d]}. */
    void forward(List<Tensor> inputs, Tensor attended, boolean forGradient) {
        forEachSegment(
                index -> own(attended, index).copy_(attentionOf(index).forward(ofSegment(inputs, index), forGradient)));
    }

    /**
     * Stores the gradients of the queries of the segments, and adds those of their keys and values.
     *
     * @param ofAttended {@code [packed, heads, d]}
     * @param ofInputs gradients of queries, and in float32 of keys and values
     */
    void backward(List<Tensor> inputs, Tensor ofAttended, List<Tensor> ofInputs) {
        List<Optional<Tensor>> ofKeysBefore = beforeEach(ofInputs.get(1));
        List<Optional<Tensor>> ofValuesBefore = beforeEach(ofInputs.get(2));
        forEachSegment(index -> {
            List<Tensor> gradients = attentionOf(index).backward(ofSegment(inputs, index), own(ofAttended, index));
            attentionOf(index).close();
            own(ofInputs.get(0), index).copy_(gradients.get(0));
            split(gradients.get(1), own(ofInputs.get(1), index), ofKeysBefore.get(index));
            split(gradients.get(2), own(ofInputs.get(2), index), ofValuesBefore.get(index));
        });
        addInOrder(ofKeysBefore, ofInputs.get(1));
        addInOrder(ofValuesBefore, ofInputs.get(2));
    }

    private SegmentAttention attentionOf(int index) {
        return Objects.requireNonNull(attentions.get(index));
    }

    private void forEachSegment(IntConsumer action) {
        tiled.forEach(index -> taskPool.run(1, only -> action.accept(index)));
        taskPool.run(others.size(), task -> action.accept(others.get(task)));
    }

    private List<Tensor> ofSegment(List<Tensor> inputs, int index) {
        return List.of(own(inputs.get(0), index), seen(inputs.get(1), index), seen(inputs.get(2), index));
    }

    /** The packed vectors of a segment, {@code [length, …]}. */
    private Tensor own(Tensor packed, int index) {
        Segment segment = rows.segments().get(index);
        return packed.narrow(0, segment.start(), segment.length());
    }

    /** The keys or values that a segment attends to, {@code [groups, before + length, d]}. */
    private Tensor seen(Tensor packed, int index) {
        List<Prefix> before = rows.segments().get(index).before();
        if (before.isEmpty()) {
            return own(packed, index).transpose(0, 1);
        }
        TensorVector seen = new TensorVector();
        before.forEach(part -> seen.push_back(
                own(packed, part.segment()).narrow(0, 0, part.tokens()).transpose(0, 1)));
        seen.push_back(own(packed, index).transpose(0, 1));
        return torch.cat(seen, 1);
    }

    /** Empty gradients of the keys or values before each segment, {@code [before, groups, d]}, if there are any. */
    private List<Optional<Tensor>> beforeEach(Tensor packed) {
        return IntStream.range(0, rows.segments().size())
                .mapToObj(index -> {
                    int before = rows.segments().get(index).tokensBefore();
                    return before == 0 || !attentions.containsKey(index)
                            ? Optional.<Tensor>empty()
                            : Optional.of(packed.new_empty(before, heads.keyValues(), heads.size()));
                })
                .toList();
    }

    /** Adds the gradient of the keys or values of a segment, {@code [groups, before + length, d]}, and stores the rest. */
    private static void split(Tensor ofSeen, Tensor own, Optional<Tensor> before) {
        long tokensBefore = ofSeen.size(1) - own.size(0);
        own.add_(Precision.widened(ofSeen.narrow(1, tokensBefore, own.size(0)).transpose(0, 1)));
        before.ifPresent(part -> part.copy_(ofSeen.narrow(1, 0, tokensBefore).transpose(0, 1)));
    }

    private void addInOrder(List<Optional<Tensor>> beforeEach, Tensor packed) {
        for (int index : attentions.keySet()) {
            long done = 0;
            for (Prefix part : rows.segments().get(index).before()) {
                own(packed, part.segment())
                        .narrow(0, 0, part.tokens())
                        .add_(beforeEach.get(index).orElseThrow().narrow(0, done, part.tokens()));
                done += part.tokens();
            }
        }
    }

    @Override
    public void close() {
        attentions.values().forEach(Operation::close);
    }
}
