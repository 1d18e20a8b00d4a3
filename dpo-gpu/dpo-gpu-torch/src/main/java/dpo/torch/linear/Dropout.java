package dpo.torch.linear;

import dpo.core.random.RandomStreams;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Dropout of the inputs of low-rank updates (arXiv:1207.0580): each number becomes 0 with probability p, and is divided
 * by 1 − p otherwise. The mask depends only on a seed and the name of the layer, so it is the same when the layer is
 * recomputed for the backward pass.
 *
 * @param probability p in [0, 1)
 * @param seed of one forward pass
 */
public record Dropout(double probability, long seed) {

    /** No dropout. */
    public static final Dropout NONE = new Dropout(0, 0);

    /** Whether it changes no number. */
    boolean isNone() {
        return probability == 0;
    }

    /** The input of the named layer after dropout; the same function maps gradients back. */
    Tensor apply(String name, Tensor input) {
        if (isNone()) {
            return input;
        }
        long state = new RandomStreams(seed).stream(name).nextLong();
        Tensor mask = torch.empty(input.size(0), input.size(1))
                .bernoulli_(1 - probability, new GeneratorOptional(torch.make_generator_cpu(state)));
        return input.mul(mask.mul_(new Scalar(1 / (1 - probability))).to(input.device(), input.scalar_type()));
    }
}
