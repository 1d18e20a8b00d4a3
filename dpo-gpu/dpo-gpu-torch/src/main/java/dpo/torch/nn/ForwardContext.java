package dpo.torch.nn;

import dpo.torch.autograd.Operation;
import dpo.torch.autograd.Recorder;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.layout.TokenLayout;
import dpo.torch.tensor.RetainedTensors;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The state that the blocks of a model share during one forward pass: the tokens, the parameters, the device, the
 * recorder of gradients, and tensors that several layers use, such as masks.
 */
@SuppressWarnings("try") // pointer scopes are only opened and closed
public final class ForwardContext implements AutoCloseable {

    private final Weights weights;
    private final Recorder recorder;
    private final ComputeDevice device;
    private final TokenLayout layout;
    private final Map<Object, Object> shared;
    private final RetainedTensors retained;

    /** The context of a forward pass over these tokens. */
    public ForwardContext(Weights weights, Recorder recorder, ComputeDevice device, TokenLayout layout) {
        this(weights, recorder, device, layout, new HashMap<>(), new RetainedTensors());
    }

    private ForwardContext(
            Weights weights,
            Recorder recorder,
            ComputeDevice device,
            TokenLayout layout,
            Map<Object, Object> shared,
            RetainedTensors retained) {
        this.weights = weights;
        this.recorder = recorder;
        this.device = device;
        this.layout = layout;
        this.shared = shared;
        this.retained = retained;
    }

    /** The same pass with another recorder; shared tensors are common to both, and released with this context. */
    public ForwardContext with(Recorder other) {
        return new ForwardContext(weights, other, device, layout, shared, retained);
    }

    /** The tokens of the pass. */
    public TokenLayout layout() {
        return layout;
    }

    /** The device of parameters and activations. */
    public ComputeDevice device() {
        return device;
    }

    /** A parameter that is not used in a matmul, see {@link Weights#parameter}. */
    public Tensor parameter(String name) {
        return weights.parameter(name);
    }

    /**
     * Applies a projection to every row of the input.
     *
     * @param input {@code [rows, in]}
     * @return {@code [rows, out]}, in the dtype of matmuls
     */
    public Tensor project(Projection projection, Tensor input) {
        return recorder.apply(weights.linear(projection), input);
    }

    /** Evaluates an operation whose gradient is written out. */
    public Tensor apply(Operation operation, Tensor... inputs) {
        return recorder.apply(operation, List.of(inputs));
    }

    /** Marks a tensor that several branches use, see {@link Recorder#fork}. */
    public Tensor fork(Tensor tensor) {
        return recorder.fork(tensor);
    }

    /**
     * A value that is made once per pass, at its first use.
     *
     * @param key identifies the value
     * @param make makes the value; its argument moves a tensor to the device and keeps it until the pass is closed
     */
    @SuppressWarnings("unchecked") // a key belongs to one type of value
    public <T> T shared(Object key, Function<UnaryOperator<Tensor>, T> make) {
        return (T) shared.computeIfAbsent(key, absent -> {
            try (PointerScope own = new PointerScope()) {
                return make.apply(tensor -> retained.add(device.place(tensor)));
            }
        });
    }

    /** Position of each token in its sequence, {@code [packed]}. */
    public Tensor positions() {
        return shared("positions", keep -> keep.apply(Tensor.create(layout.positions())));
    }

    @Override
    public void close() {
        retained.close();
    }
}
