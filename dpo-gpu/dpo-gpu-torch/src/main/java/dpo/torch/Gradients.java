package dpo.torch;

import java.util.Collection;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The gradients that libtorch keeps with parameters. */
@SuppressWarnings("try") // scopes are opened and closed, not used
final class Gradients {

    private Gradients() {}

    /** The gradient of a parameter, to be read or added to; zero where nothing has been added yet. */
    static Tensor of(Tensor parameter) {
        Tensor gradient = parameter.mutable_grad();
        if (!gradient.defined()) {
            gradient.put(torch.zeros_like(parameter));
        }
        return gradient;
    }

    /**
     * The L2 norm over all gradients, as {@code torch.nn.utils.clip_grad_norm_} takes it: the float32 norm of each
     * tensor, combined here in double.
     */
    static double norm(Collection<Tensor> parameters) {
        double squares = 0;
        for (Tensor parameter : parameters) {
            try (PointerScope scope = new PointerScope()) {
                double norm = of(parameter).norm().item_double();
                squares += norm * norm;
            }
        }
        return Math.sqrt(squares);
    }

    /** Forgets all gradients. */
    static void clear(Collection<Tensor> parameters) {
        try (PointerScope scope = new PointerScope()) {
            parameters.forEach(parameter -> parameter.mutable_grad().reset());
        }
    }
}
