package dpo.torch.nn;

import dpo.core.setting.Requirement;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A linear layer {@code y = x Wᵀ + b} with the parameters {@code name.weight} and, if it has a bias, {@code name.bias}.
 *
 * @param name of its parameters, before the dot
 * @param in width of x
 * @param out width of y
 * @param bias whether it has a bias
 * @param transposed whether the matrix is stored as {@code [in, out]}, as in GPT-2, instead of {@code [out, in]}
 */
public record Projection(String name, int in, int out, boolean bias, boolean transposed) {

    public Projection {
        Requirement.atLeast("width of the input of " + name, in, 1);
        Requirement.atLeast("width of the output of " + name, out, 1);
    }

    /** A projection with a matrix that is stored as {@code [out, in]}. */
    public static Projection of(String name, int in, int out, boolean bias) {
        return new Projection(name, in, out, bias, false);
    }

    /** Its matrix, and its bias if it has one. */
    public Stream<Parameter> parameters() {
        Parameter matrix = transposed ? Parameter.of(weightName(), in, out) : Parameter.of(weightName(), out, in);
        return Stream.concat(Stream.of(matrix), biasName().stream().map(name -> Parameter.of(name, out)));
    }

    /** Name of its matrix. */
    public String weightName() {
        return name + ".weight";
    }

    /** Name of its bias, if it has one. */
    public Optional<String> biasName() {
        return bias ? Optional.of(name + ".bias") : Optional.empty();
    }
}
