package dpo.torch;

import dpo.torch.block.Weights;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Parameters that lie on a machine's device, whose products are computed in the machine's way.
 *
 * @param parameters the parameters by name
 * @param machine where they are
 */
record MachineWeights(FloatTensors parameters, Machine machine) implements Weights {

    @Override
    public Tensor get(String name) {
        return parameters.get(name);
    }

    @Override
    public Tensor linear(Tensor input, Tensor weight, Optional<Tensor> bias) {
        return machine.product().linear(input, weight, bias);
    }

    @Override
    public Tensor place(Tensor tensor) {
        return machine.device().place(tensor);
    }
}
