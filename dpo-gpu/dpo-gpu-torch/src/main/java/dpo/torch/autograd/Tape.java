package dpo.torch.autograd;

import dpo.torch.tensor.Precision;
import dpo.torch.tensor.RetainedTensors;
import dpo.torch.tensor.Tensors;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Reverse-mode differentiation of a forward pass in which linear layers, and operations with gradients of their own,
 * lie outside libtorch's graph. Each of them cuts the graph in two, and the tape records the cuts in order. The
 * backward pass walks back over the cuts: libtorch differentiates one part of the graph, and the cut gives the gradient
 * of the part before it. Matmuls can therefore use other kernels than libtorch's, gradients of weights are added
 * directly to those of the parameters, and the saved activations of a part are released after its backward pass.
 */
@SuppressWarnings("try") // pointer scopes are only opened and closed
public final class Tape implements Recorder, AutoCloseable {

    private final Precision precision;
    private final Deque<Step> steps = new ArrayDeque<>();
    private final IdentityHashMap<Tensor, Input> inputs = new IdentityHashMap<>();

    /** One step of the backward pass, and the tensors that it needs. */
    private record Step(Runnable action, RetainedTensors tensors, Runnable release) {

        void close() {
            tensors.close();
            release.run();
        }
    }

    /** An input of linear layers: its value outside the graph, and the sum of its gradients in float32. */
    private static final class Input {

        private final Tensor value;
        private final RetainedTensors gradient = new RetainedTensors();

        Input(Tensor value) {
            this.value = value;
        }

        void add(Tensor summand) {
            if (gradient.isEmpty()) {
                gradient.add(Precision.FLOAT32.of(summand));
            } else {
                gradient.get(0).add_(summand);
            }
        }
    }

    /** @param precision dtype in which linear layers take their inputs */
    public Tape(Precision precision) {
        this.precision = precision;
    }

    @Override
    public Tensor apply(LinearFunction function, Tensor source) {
        Input input = inputs.computeIfAbsent(source, this::input);
        Tensor output = leaf(function.forward(input.value));
        push(() -> input.add(function.backward(input.value, precision.of(output.grad()))), output);
        return output;
    }

    private Input input(Tensor source) {
        Input input = new Input(precision.of(source.detach()));
        Tensor own = new Tensor(source);
        push(
                () -> {
                    if (!input.gradient.isEmpty()) {
                        backward(own, input.gradient.get(0));
                    }
                    input.gradient.close();
                },
                own,
                input.value);
        return input;
    }

    @Override
    public Tensor apply(Operation operation, List<Tensor> sources) {
        // New handles, because the given ones may belong to a list that is closed before.
        List<Tensor> ends = sources.stream().map(Tensor::new).toList();
        List<Tensor> values = sources.stream().map(Tensor::detach).toList();
        Tensor output = Tensors.freedOnFailure(operation::close, () -> {
            try (NoGradGuard noGrad = new NoGradGuard()) {
                return operation.forward(values, true);
            }
        });
        leaf(output);
        RetainedTensors retained = new RetainedTensors();
        ends.forEach(retained::add);
        values.forEach(retained::add);
        retained.add(output);
        steps.push(new Step(
                () -> {
                    TensorVector gradients;
                    try (NoGradGuard noGrad = new NoGradGuard()) {
                        gradients = vector(operation.backward(values, output.grad()));
                    }
                    operation.close();
                    torch.backward(vector(ends), gradients, new BoolOptional(false), false, new TensorVector());
                },
                retained,
                operation::close));
        return output;
    }

    @Override
    public Tensor fork(Tensor source) {
        Tensor value = leaf(source.detach());
        // A new handle, because the given one may belong to a list that is closed before.
        Tensor own = new Tensor(source);
        push(() -> backward(own, value.grad()), own, value);
        return value;
    }

    /**
     * Gradient checkpointing (arXiv:1604.06174): only the input of a computation is retained, and the computation is
     * repeated on a tape of its own for the backward pass.
     *
     * @param source in libtorch's graph
     * @param withoutGraph the computation outside any graph
     * @param recorded the same computation, recorded on a tape
     */
    public Tensor checkpoint(
            Tensor source, UnaryOperator<Tensor> withoutGraph, BiFunction<Tensor, Tape, Tensor> recorded) {
        Tensor input = fork(source);
        Tensor output;
        try (NoGradGuard noGrad = new NoGradGuard()) {
            output = leaf(withoutGraph.apply(input.detach()));
        }
        push(
                () -> {
                    try (Tape own = new Tape(precision)) {
                        backward(recorded.apply(input, own), output.grad());
                        own.backward();
                    }
                },
                input,
                output);
        return output;
    }

    /** Makes the tensor a leaf of libtorch's graph, to whose gradient libtorch adds. */
    public static Tensor leaf(Tensor value) {
        value.set_requires_grad(true);
        return value;
    }

    private void push(Runnable action, Tensor... tensors) {
        RetainedTensors retained = new RetainedTensors();
        for (Tensor tensor : tensors) {
            retained.add(tensor);
        }
        steps.push(new Step(action, retained, () -> {}));
    }

    /** Runs the backward pass over all steps; the gradient of each leaf is complete when its step is reached. */
    public void backward() {
        inputs.clear();
        while (!steps.isEmpty()) {
            Step step = steps.pop();
            try (PointerScope scope = new PointerScope()) {
                step.action.run();
            } finally {
                step.close();
            }
        }
    }

    @Override
    public void close() {
        steps.forEach(Step::close);
        steps.clear();
        inputs.values().forEach(input -> input.gradient.close());
        inputs.clear();
    }

    /** Adds to the gradients of the leaves before a tensor, and releases the tensors that libtorch saved in between. */
    public static void backward(Tensor tensor, Tensor gradient) {
        tensor.backward(gradient, new BoolOptional(false), false, new TensorArrayRefOptional());
    }

    private static TensorVector vector(List<Tensor> tensors) {
        return new TensorVector(tensors.toArray(Tensor[]::new));
    }
}
