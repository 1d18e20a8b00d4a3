package dpo.torch.nn.attention;

import dpo.torch.autograd.LinearFunction;
import dpo.torch.nn.Projection;
import dpo.torch.nn.Weights;
import org.bytedeco.pytorch.Tensor;

/** The weights of a model without parameters. */
record NoWeights() implements Weights {

    @Override
    public Tensor parameter(String name) {
        throw new IllegalArgumentException("no parameter " + name);
    }

    @Override
    public LinearFunction linear(Projection projection) {
        throw new IllegalArgumentException("no projection " + projection.name());
    }
}
