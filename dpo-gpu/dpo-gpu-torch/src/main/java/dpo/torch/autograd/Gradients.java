package dpo.torch.autograd;

import dpo.torch.tensor.Tensors;
import java.util.Collection;
import java.util.Iterator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The float32 gradients that libtorch stores with parameters. */
@SuppressWarnings("try") // pointer scopes are only opened and closed
public final class Gradients {

    private Gradients() {}

    /** The gradient of a parameter, to be read or added to; zero if nothing has been added yet. */
    public static Tensor of(Tensor parameter) {
        Tensor gradient = parameter.mutable_grad();
        if (!gradient.defined()) {
            gradient.put(torch.zeros_like(parameter.detach()));
        }
        return gradient;
    }

    /** Adds to the gradient of a parameter; the first float32 summand becomes the gradient itself. */
    public static void add(Tensor parameter, Tensor summand) {
        Tensor gradient = parameter.mutable_grad();
        if (gradient.defined()) {
            gradient.add_(summand);
        } else {
            gradient.put(summand.to(ScalarType.Float));
        }
    }

    /** Adds the gradients of some parameters to those of others, in order, and clears them. */
    public static void move(Collection<Tensor> from, Collection<Tensor> to) {
        Iterator<Tensor> targets = to.iterator();
        from.forEach(source -> {
            Tensor target = targets.next();
            Tensor gradient = source.mutable_grad();
            if (gradient.defined()) {
                add(target, gradient);
                gradient.reset();
            }
        });
    }

    /** Adds the sum over the rows of a matrix, computed in float32. */
    public static void addSumOfRows(Tensor parameter, Tensor rows) {
        add(parameter, rows.to(ScalarType.Float).sum(0));
    }

    /**
     * The L2 norm over all gradients, as {@code torch.nn.utils.clip_grad_norm_} computes it: the float32 norm of each
     * tensor, combined here in double.
     */
    public static double norm(Collection<Tensor> parameters) {
        try (PointerScope scope = new PointerScope()) {
            Tensor[] norms =
                    parameters.stream().map(parameter -> of(parameter).norm()).toArray(Tensor[]::new);
            double squares = 0;
            for (double norm : Tensors.toDoubles(torch.stack(new TensorVector(norms)))) {
                squares += norm * norm;
            }
            return Math.sqrt(squares);
        }
    }

    /** Clears all gradients. */
    public static void clear(Collection<Tensor> parameters) {
        try (PointerScope scope = new PointerScope()) {
            parameters.forEach(parameter -> parameter.mutable_grad().reset());
        }
    }
}
