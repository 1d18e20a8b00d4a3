package dpo.torch.block;

import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/** {@code down(f(up(x)))}: the feed-forward network of two projections. */
public record FeedForward(Projection up, Projection down, Activation activation) implements Block {

    @Override
    public Stream<Projection> projections() {
        return Stream.of(up, down);
    }

    @Override
    public Tensor apply(Tensor input, Pass pass) {
        return down.apply(activation.apply(up.apply(input, pass.weights())), pass.weights());
    }

    @Override
    public Kept kept(PackedRows rows) {
        return Kept.ofProducts(rows.tokens() * ((long) up.out() + down.in() + down.out()));
    }

    /** {@code down(f(gate(x)) · up(x))}: the gated network (arXiv:2002.05202). */
    public record Gated(Projection gate, Projection up, Projection down, Activation activation) implements Block {

        @Override
        public Stream<Projection> projections() {
            return Stream.of(gate, up, down);
        }

        @Override
        public Tensor apply(Tensor input, Pass pass) {
            Tensor gates = activation.apply(gate.apply(input, pass.weights()));
            return down.apply(gates.mul(up.apply(input, pass.weights())), pass.weights());
        }

        /** The gates before and behind f, what they are multiplied with, the product, the output. */
        @Override
        public Kept kept(PackedRows rows) {
            return Kept.ofProducts(rows.tokens() * (2L * gate.out() + up.out() + down.in() + down.out()));
        }
    }
}
