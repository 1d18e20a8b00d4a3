package dpo.torch.nn.attention;

import dpo.torch.autograd.Operation;
import dpo.torch.compute.TaskPool;
import dpo.torch.layout.PackedRows;
import dpo.torch.layout.PackedRows.Prefix;
import dpo.torch.layout.PackedRows.Segment;
import dpo.torch.nn.ForwardContext;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Causal attention over packed rows, segment by segment. The keys of a segment are those before it in its row and its
 * own: an {@link Operation} on queries {@code [packed, heads, d]}, and keys and values {@code [packed, groups, d]},
 * with the result {@code [packed, heads · d]}.
 *
 * <p>Segments are computed in parallel, except tiled ones, each of which uses all threads. Gradients of keys that
 * several segments attend to are added in the order of the segments, in float32, so that results do not depend on
 * timing.
 */
final class CausalAttention implements Operation {

    private final PackedRows rows;
    private final Heads heads;
    private final TaskPool taskPool;
    private final List<SegmentAttention> attentions;
    private final List<Integer> tiled;
    private final List<Integer> others;

    CausalAttention(Attention settings, ForwardContext context) {
        this.rows = context.layout().requirePacked();
        this.heads = settings.heads();
        this.taskPool = context.device().taskPool();
        List<Segment> segments = rows.segments();
        this.attentions = segments.stream()
                .map(segment -> SegmentAttention.of(settings, context, segment))
                .toList();
        // The longest first, so that threads finish at about the same time.
        List<Integer> longestFirst = IntStream.range(0, segments.size())
                .boxed()
                .sorted(Comparator.comparingLong(index -> -segments.get(index).scores()))
                .toList();
        this.tiled = longestFirst.stream()
                .filter(index -> settings.isTiled(segments.get(index)))
                .toList();
        this.others = longestFirst.stream()
                .filter(index -> !settings.isTiled(segments.get(index)))
                .toList();
    }

    @Override
    public Tensor forward(List<Tensor> inputs, boolean forGradient) {
        Tensor attended = inputs.get(0).new_empty(rows.tokens(), heads.queries(), heads.size());
        forEachSegment(index -> {
            own(attended, index).copy_(attentions.get(index).forward(ofSegment(inputs, index), forGradient));
        });
        return attended.flatten(1, 2);
    }

    @Override
    public List<Tensor> backward(List<Tensor> inputs, Tensor gradient) {
        Tensor ofAttended = gradient.view(rows.tokens(), heads.queries(), heads.size());
        Tensor ofQueries = torch.empty_like(ofAttended);
        Tensor ofKeys = gradient.new_empty(rows.tokens(), heads.keyValues(), heads.size())
                .to(ScalarType.Float);
        Tensor ofValues = torch.empty_like(ofKeys);
        List<Optional<Tensor>> ofKeysBefore = beforeEach(ofKeys);
        List<Optional<Tensor>> ofValuesBefore = beforeEach(ofValues);
        forEachSegment(index -> {
            List<Tensor> gradients = attentions.get(index).backward(ofSegment(inputs, index), own(ofAttended, index));
            attentions.get(index).close();
            own(ofQueries, index).copy_(gradients.get(0));
            split(gradients.get(1), own(ofKeys, index), ofKeysBefore.get(index));
            split(gradients.get(2), own(ofValues, index), ofValuesBefore.get(index));
        });
        addInOrder(ofKeysBefore, ofKeys);
        addInOrder(ofValuesBefore, ofValues);
        return List.of(ofQueries, ofKeys, ofValues);
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
        return rows.segments().stream()
                .map(Segment::tokensBefore)
                .map(before -> before == 0
                        ? Optional.<Tensor>empty()
                        : Optional.of(packed.new_empty(before, heads.keyValues(), heads.size())))
                .toList();
    }

    /**
     * Stores the gradient of the keys or values of a segment, {@code [groups, before + length, d]}, in its two parts.
     */
    private static void split(Tensor ofSeen, Tensor own, Optional<Tensor> before) {
        long tokensBefore = ofSeen.size(1) - own.size(0);
        own.copy_(ofSeen.narrow(1, tokensBefore, own.size(0)).transpose(0, 1));
        before.ifPresent(part -> part.copy_(ofSeen.narrow(1, 0, tokensBefore).transpose(0, 1)));
    }

    private void addInOrder(List<Optional<Tensor>> beforeEach, Tensor packed) {
        for (int index = 0; index < beforeEach.size(); index++) {
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
        attentions.forEach(Operation::close);
    }
}
