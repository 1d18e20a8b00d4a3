package dpo.torch;

import dpo.core.random.RandomStreams;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Dropout of the inputs of adapters (arXiv:1207.0580): each number is 0 with probability p, and divided by 1 − p
 * otherwise. The draw follows from a seed and the name of the projection alone, so that it is the same when a layer is
 * computed anew for its gradient.
 *
 * @param probability p in [0, 1)
 * @param seed of one forward pass
 */
record Dropout(double probability, long seed) {

    /** Every number is kept. */
    static final Dropout NONE = new Dropout(0, 0);

    /** Whether every number is kept. */
    boolean isNone() {
        return probability == 0;
    }

    /** The numbers that are kept at a projection; the same map takes its gradient back. */
    Tensor apply(String name, Tensor input) {
        if (isNone()) {
            return input;
        }
        long state = new RandomStreams(seed).stream(name).nextLong();
        Tensor kept = torch.empty(input.size(0), input.size(1))
                .bernoulli_(1 - probability, new GeneratorOptional(torch.make_generator_cpu(state)));
        return input.mul(kept.mul_(new Scalar(1 / (1 - probability))).to(input.device(), input.scalar_type()));
    }
}
