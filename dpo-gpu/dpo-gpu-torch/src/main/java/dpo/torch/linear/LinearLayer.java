package dpo.torch.linear;

import dpo.torch.autograd.Gradients;
import dpo.torch.autograd.LinearFunction;
import dpo.torch.compute.MatMul;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * A linear layer {@code y = x Wᵀ + b}, with or without a low-rank update, and its written-out gradients, in the dtype
 * of the device's matmuls. Gradients of trained parameters are added, in float32, to those that libtorch stores with
 * them.
 *
 * @param name of the projection, which seeds its dropout
 * @param matMul kernel
 * @param weight W
 * @param bias b
 * @param update added to y
 */
public record LinearLayer(
        String name, MatMul matMul, WeightMatrix weight, Optional<Tensor> bias, Optional<LowRank> update) {

    /** All its matrices. */
    public Stream<WeightMatrix> matrices() {
        return Stream.concat(Stream.of(weight), update.stream().flatMap(low -> Stream.of(low.down(), low.up())));
    }

    /** The layer as a function, with dropout of the input of its low-rank update. */
    public LinearFunction with(Dropout dropout) {
        return new LinearFunction() {
            @Override
            public Tensor forward(Tensor input) {
                return LinearLayer.this.forward(input, dropout);
            }

            @Override
            public Tensor backward(Tensor input, Tensor gradient) {
                return LinearLayer.this.backward(input, gradient, dropout);
            }
        };
    }

    private Tensor forward(Tensor input, Dropout dropout) {
        Optional<Tensor> added = bias.map(parameter -> parameter.detach().to(input.scalar_type()));
        Tensor output = matMul.linear(input, weight.outByIn(), added);
        update.ifPresent(low -> low.addTo(output, matMul, dropout.apply(name, input)));
        return output;
    }

    private Tensor backward(Tensor input, Tensor gradient, Dropout dropout) {
        weight.addGradient(matMul, input, gradient);
        bias.filter(Tensor::requires_grad).ifPresent(parameter -> Gradients.addSumOfRows(parameter, gradient));
        Tensor ofInput = matMul.linear(gradient, weight.inByOut());
        update.ifPresent(low -> {
            Tensor ofInner = low.backward(matMul, dropout.apply(name, input), gradient);
            if (dropout.isNone()) {
                matMul.addLinear(ofInput, ofInner, low.down().inByOut(), 1);
            } else {
                ofInput.add_(
                        dropout.apply(name, matMul.linear(ofInner, low.down().inByOut())));
            }
        });
        return ofInput;
    }
}
