package dpo.torch.block;

import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * One way off the residual stream and back: {@code after(block(before(x)))}.
 *
 * @param before norm in front of the block
 * @param block what is computed
 * @param after norm behind the block, in the Gemma families
 */
public record Branch(Norm before, Block block, Optional<Norm> after) {

    /** A block behind a norm. */
    public static Branch of(Norm before, Block block) {
        return new Branch(before, block, Optional.empty());
    }

    /** The parameters of the norms, the first one first. */
    Stream<Parameter> normParameters() {
        return Stream.concat(before.parameters(), after.stream().flatMap(Norm::parameters));
    }

    /** What a pass keeps of it for the gradient, its input apart. */
    Kept kept(PackedRows rows) {
        Kept behind = after.map(norm -> norm.kept(rows.tokens())).orElse(Kept.NONE);
        return before.kept(rows.tokens()).plus(block.kept(rows)).plus(behind);
    }

    Tensor apply(Tensor stream, Pass pass) {
        Tensor output = block.apply(before.apply(stream, pass.weights()), pass);
        return after.map(norm -> norm.apply(output, pass.weights())).orElse(output);
    }
}
