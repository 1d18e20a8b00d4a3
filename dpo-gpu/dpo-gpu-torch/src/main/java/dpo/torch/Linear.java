package dpo.torch;

import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * A projection {@code y = x Wᵀ + b}, with a low-rank adapter or without, and its gradients written out, in the format
 * in which a machine computes products. Gradients of parameters are added, in float32, to those that libtorch keeps
 * with them; what is frozen has none.
 *
 * @param name what it is called, which tells its dropout from that of others
 * @param product who computes
 * @param weight W
 * @param bias b
 * @param adapter what is added to y
 */
record Linear(String name, Product product, Matrix weight, Optional<Tensor> bias, Optional<LowRank> adapter) {

    /** All of its matrices. */
    Stream<Matrix> matrices() {
        return Stream.concat(
                Stream.of(weight), adapter.stream().flatMap(low -> Stream.of(low.down(), low.up())));
    }

    /**
     * y, outside of any graph.
     *
     * @param input x, {@code [rows, in]}
     * @param dropout of the adapter's input
     * @return {@code [rows, out]}
     */
    Tensor forward(Tensor input, Dropout dropout) {
        Optional<Tensor> added = bias.map(parameter -> parameter.detach().to(input.scalar_type()));
        Tensor output = product.linear(input, weight.outByIn(), added);
        adapter.ifPresent(low -> low.addTo(output, product, dropout.apply(name, input)));
        return output;
    }

    /**
     * Adds the gradients of the parameters.
     *
     * @param input x as in {@link #forward}
     * @param gradient of y
     * @param dropout as in {@link #forward}
     * @return the gradient of x
     */
    Tensor backward(Tensor input, Tensor gradient, Dropout dropout) {
        weight.accumulate(product, input, gradient);
        bias.filter(Tensor::requires_grad).ifPresent(parameter -> Gradients.addSumOfRows(parameter, gradient));
        Tensor ofInput = product.linear(gradient, weight.inByOut());
        adapter.ifPresent(low -> {
            Tensor ofInner = low.backward(product, dropout.apply(name, input), gradient);
            if (dropout.isNone()) {
                product.addLinear(ofInput, ofInner, low.down().inByOut(), 1);
            } else {
                ofInput.add_(dropout.apply(name, product.linear(ofInner, low.down().inByOut())));
            }
        });
        return ofInput;
    }
}
