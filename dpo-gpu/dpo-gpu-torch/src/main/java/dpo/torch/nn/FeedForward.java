package dpo.torch.nn;

import dpo.torch.layout.PackedRows;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/** The feed-forward network of two projections, {@code down(f(up(x)))}. */
public record FeedForward(Projection up, Projection down, Activation activation) implements Block {

    @Override
    public Stream<Projection> projections() {
        return Stream.of(up, down);
    }

    @Override
    public Tensor apply(Tensor input, ForwardContext context) {
        return context.project(down, activation.apply(context.project(up, input)));
    }

    @Override
    public SavedActivations savedActivations(PackedRows rows) {
        return SavedActivations.ofMatMuls(rows.tokens() * ((long) up.out() + down.in() + down.out()));
    }

    /** The gated network, {@code down(f(gate(x)) · up(x))} (arXiv:2002.05202). */
    public record Gated(Projection gate, Projection up, Projection down, Activation activation) implements Block {

        @Override
        public Stream<Projection> projections() {
            return Stream.of(gate, up, down);
        }

        @Override
        public Tensor apply(Tensor input, ForwardContext context) {
            Tensor gates = activation.apply(context.project(gate, input));
            return context.project(down, gates.mul(context.project(up, input)));
        }

        /** The gates before and after f, their factor, the gated product, and the output. */
        @Override
        public SavedActivations savedActivations(PackedRows rows) {
            return SavedActivations.ofMatMuls(rows.tokens() * (2L * gate.out() + up.out() + down.in() + down.out()));
        }
    }
}
