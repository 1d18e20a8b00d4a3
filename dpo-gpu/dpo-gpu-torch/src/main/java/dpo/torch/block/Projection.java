package dpo.torch.block;

import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * An affine map {@code y = x Wᵀ + b} with the parameters {@code name.weight} and, where it has one, {@code name.bias}.
 *
 * @param name what its parameters are called before the dot
 * @param in width of x
 * @param out width of y
 * @param bias whether it has a bias
 * @param transposed whether the matrix is stored as {@code [in, out]}, as GPT-2's are, and not as {@code [out, in]}
 */
public record Projection(String name, int in, int out, boolean bias, boolean transposed) {

    /** A projection whose matrix is stored as {@code [out, in]}. */
    public static Projection of(String name, int in, int out, boolean bias) {
        return new Projection(name, in, out, bias, false);
    }

    /** Its matrix, and its bias where it has one. */
    public Stream<Parameter> parameters() {
        Parameter matrix = transposed ? Parameter.of(weightName(), in, out) : Parameter.of(weightName(), out, in);
        return bias ? Stream.of(matrix, Parameter.of(biasName(), out)) : Stream.of(matrix);
    }

    /**
     * The projection of every row.
     *
     * @param input {@code [rows, in]}
     * @return {@code [rows, out]}
     */
    public Tensor apply(Tensor input, Weights weights) {
        Tensor stored = weights.get(weightName());
        Optional<Tensor> added = bias ? Optional.of(weights.get(biasName())) : Optional.empty();
        return weights.linear(input, transposed ? stored.t() : stored, added);
    }

    private String weightName() {
        return name + ".weight";
    }

    private String biasName() {
        return name + ".bias";
    }
}
