package dpo.torch.block;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * One evaluation of packed rows: what all layers need of them is made once. Its tensors live in the scope in which it
 * was made.
 */
@SuppressWarnings("try") // scopes are opened and closed, not used
public final class Pass {

    private final PointerScope home = PointerScope.getInnerScope();
    private final Map<Rotary, Rotary.Rotations> rotations = new HashMap<>();
    private final Map<MaskOf, Tensor> masks = new HashMap<>();
    private final Weights weights;
    private final PackedRows rows;
    private final Tensor positions;
    private final Attending attending;

    private record MaskOf(int segment, OptionalInt window, int copies) {}

    /** A pass over rows with the weights as they stand. */
    public Pass(Weights weights, PackedRows rows) {
        this(weights, rows, Attending.WITHIN_PASS);
    }

    /** The same, whose queries attend to other keys and values than those of the pass alone. */
    Pass(Weights weights, PackedRows rows, Attending attending) {
        this.weights = weights;
        this.rows = rows;
        this.attending = attending;
        this.positions = weights.place(Tensor.create(rows.positions()));
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
            return new Rotary.Rotations(
                    kept(() -> weights.place(made.cosine())), kept(() -> weights.place(made.sine())));
        });
    }

    /** The mask of a segment, made when it is first asked for; see {@link CausalMask}. */
    Tensor mask(int segment, OptionalInt window, int copies) {
        return masks.computeIfAbsent(new MaskOf(segment, window, copies), absent ->
                kept(() -> weights.place(CausalMask.of(rows.segments().get(segment), window, copies))));
    }

    /** A tensor that outlives the scope of the layer that asks for it first. */
    private Tensor kept(Supplier<Tensor> computation) {
        try (PointerScope own = new PointerScope()) {
            Tensor result = computation.get();
            home.attach(result);
            return result;
        }
    }
}
