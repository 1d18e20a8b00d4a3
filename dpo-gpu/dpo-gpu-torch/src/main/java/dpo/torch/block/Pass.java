package dpo.torch.block;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * One evaluation of packed rows: what all layers need of them is made once, and kept until the pass is closed.
 */
@SuppressWarnings("try") // scopes are opened and closed, not used
public final class Pass implements AutoCloseable {

    private final Map<Rotary, Rotary.Rotations> rotations;
    private final Map<MaskOf, Tensor> masks;
    private final Map<PackedRows, SeenKeys.Placed> seenKeys;
    private final List<Tensor> kept;
    private final PackedRows rows;
    private final Weights weights;
    private final Tensor positions;
    private final Attending attending;

    private record MaskOf(int segment, OptionalInt window, int copies) {}

    /** A pass over rows with the weights as they stand. */
    public Pass(Weights weights, PackedRows rows) {
        this(weights, rows, Attending.WITHIN_PASS);
    }

    /** The same, whose queries attend to other keys and values than those of the pass alone. */
    Pass(Weights weights, PackedRows rows, Attending attending) {
        this.rotations = new HashMap<>();
        this.masks = new HashMap<>();
        this.seenKeys = new HashMap<>();
        this.kept = new ArrayList<>();
        this.rows = rows;
        this.weights = weights;
        this.attending = attending;
        this.positions = kept(() -> Tensor.create(rows.positions()));
    }

    private Pass(Pass same, Weights weights) {
        this.rotations = same.rotations;
        this.masks = same.masks;
        this.seenKeys = same.seenKeys;
        this.kept = same.kept;
        this.rows = same.rows;
        this.weights = weights;
        this.attending = same.attending;
        this.positions = same.positions;
    }

    /** The same pass by another way to compute with the weights; what is kept is shared, and closed with this one. */
    public Pass with(Weights others) {
        return new Pass(this, others);
    }

    /** The parameters to compute with. */
    public Weights weights() {
        return weights;
    }

    /** The packed rows. */
    public PackedRows rows() {
        return rows;
    }

    /** Attention with these settings, to whatever the queries of this pass see; see {@link Attending#apply}. */
    Tensor attend(Attention settings, Tensor queries, Tensor keys, Tensor values) {
        return attending.apply(settings, this, queries, keys, values);
    }

    /** Position of each token in its row, {@code [packed]}. */
    Tensor positions() {
        return positions;
    }

    /** The rotations at the positions of all tokens. */
    Rotary.Rotations rotations(Rotary rotary) {
        return rotations.computeIfAbsent(rotary, absent -> {
            Rotary.Rotations made = absent.at(rows.positions());
            return new Rotary.Rotations(kept(made::cosine), kept(made::sine));
        });
    }

    /** The mask of a segment, float32, made when it is first asked for; see {@link CausalMask}. */
    Tensor mask(int segment, OptionalInt window, int copies) {
        return masks.computeIfAbsent(new MaskOf(segment, window, copies), absent ->
                kept(() -> CausalMask.of(rows.segments().get(segment), window, copies)));
    }

    /** Where the keys stand that each segment sees, made when it is first asked for. */
    SeenKeys.Placed seenKeys() {
        return seenKeys.computeIfAbsent(rows, absent ->
                SeenKeys.of(rows.segments()).placed(indices -> kept(() -> indices)));
    }

    private Tensor kept(Supplier<Tensor> computation) {
        try (PointerScope own = new PointerScope()) {
            Tensor result = weights.place(computation.get());
            result.retainReference();
            kept.add(result);
            return result;
        }
    }

    @Override
    public void close() {
        kept.forEach(Tensor::releaseReference);
        kept.clear();
    }
}
