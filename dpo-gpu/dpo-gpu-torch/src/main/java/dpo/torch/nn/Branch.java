package dpo.torch.nn;

import dpo.torch.layout.PackedRows;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * A residual branch: {@code after(block(before(x)))}.
 *
 * @param before norm before the block
 * @param block attention or feed-forward network
 * @param after norm after the block, in the Gemma families
 */
public record Branch(Norm before, Block block, Optional<Norm> after) {

    /** A block after a norm. */
    public static Branch of(Norm before, Block block) {
        return new Branch(before, block, Optional.empty());
    }

    /** The parameters of the norms, in their order. */
    Stream<Parameter> normParameters() {
        return Stream.concat(before.parameters(), after.stream().flatMap(Norm::parameters));
    }

    /** The activations that the branch saves for the backward pass, besides its input. */
    SavedActivations savedActivations(PackedRows rows) {
        return Stream.concat(Stream.of(before), after.stream())
                .map(norm -> norm.savedActivations(rows.tokens()))
                .reduce(block.savedActivations(rows), SavedActivations::plus);
    }

    Tensor apply(Tensor stream, ForwardContext context) {
        Tensor output = block.apply(before.apply(stream, context), context);
        return after.map(norm -> norm.apply(output, context)).orElse(output);
    }
}
