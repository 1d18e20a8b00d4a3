package dpo.torch;

import dpo.torch.block.Operation;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Reverse-mode differentiation of a forward pass whose products with weights, and operations with gradients of their
 * own, lie outside of libtorch's graph: each cuts the graph in two, and the tape remembers the cuts in order. Going back,
 * libtorch differentiates a piece of graph, the cut gives the gradient of the piece before it, and so on to the
 * beginning. Products are so computed by whom we choose, their gradients go straight into those of the parameters, and
 * what a piece kept is let go once it has been used.
 */
@SuppressWarnings("try") // scopes are opened and closed, not used
final class Tape implements AutoCloseable {

    private final Precision precision;
    private final Deque<Step> steps = new ArrayDeque<>();
    private final Map<Tensor, Input> inputs = new IdentityHashMap<>();

    /** A way back, and what has to be kept for it. */
    private record Step(Runnable action, List<Tensor> kept, Runnable release) {

        Step {
            kept.forEach(Tensors::kept);
        }

        void close() {
            kept.forEach(Tensor::releaseReference);
            release.run();
        }
    }

    /** An input of products: its value outside of the graph, and the sum of its gradients in float32. */
    private static final class Input {

        private final Tensor value;
        private Optional<Tensor> gradient = Optional.empty();

        Input(Tensor value) {
            this.value = value;
        }

        void add(Tensor summand) {
            gradient.ifPresentOrElse(
                    sum -> sum.add_(summand),
                    () -> gradient = Optional.of(Tensors.kept(Precision.FLOAT32.of(summand))));
        }

        void release() {
            gradient.ifPresent(Tensor::releaseReference);
            gradient = Optional.empty();
        }
    }

    /** @param precision format in which products take their inputs */
    Tape(Precision precision) {
        this.precision = precision;
    }

    /**
     * A projection of a tensor.
     *
     * @param source in libtorch's graph
     * @return the beginning of another piece of graph
     */
    Tensor project(Linear linear, Tensor source, Dropout dropout) {
        Input input = inputs.computeIfAbsent(source, this::input);
        Tensor output = beginning(linear.forward(input.value, dropout));
        push(() -> input.add(linear.backward(input.value, precision.of(output.grad()), dropout)), output);
        return output;
    }

    private Input input(Tensor source) {
        Input input = new Input(precision.of(source.detach()));
        Tensor own = new Tensor(source);
        push(() -> {
            input.gradient.ifPresent(gradient -> backward(own, gradient));
            input.release();
        }, own, input.value);
        return input;
    }

    /**
     * An operation whose gradient is written out.
     *
     * @param sources in libtorch's graph
     * @return the beginning of another piece of graph
     */
    Tensor apply(Operation operation, List<Tensor> sources) {
        // Handles of our own: the given ones may belong to a list that goes away.
        List<Tensor> ends = sources.stream().map(Tensor::new).toList();
        List<Tensor> values = sources.stream().map(Tensor::detach).toList();
        Tensor output;
        try (NoGradGuard noGrad = new NoGradGuard()) {
            output = operation.forward(values, true);
        } catch (RuntimeException | Error failed) {
            operation.close();
            throw failed;
        }
        beginning(output);
        List<Tensor> kept = Stream.of(ends, values, List.of(output)).flatMap(List::stream).toList();
        steps.push(new Step(() -> {
            TensorVector gradients;
            try (NoGradGuard noGrad = new NoGradGuard()) {
                gradients = vector(operation.backward(values, output.grad()));
            }
            operation.close();
            torch.backward(vector(ends), gradients, new BoolOptional(false), false, new TensorVector());
        }, kept, operation::close));
        return output;
    }

    /** Cuts the graph: the same numbers as the beginning of another piece. */
    Tensor cut(Tensor source) {
        Tensor value = beginning(source.detach());
        // A handle of its own: the given one may belong to a list that goes away.
        Tensor own = new Tensor(source);
        push(() -> backward(own, value.grad()), own, value);
        return value;
    }

    /**
     * A computation of which only the input is kept: it is done anew, on a tape of its own, for the gradient
     * (arXiv:1604.06174).
     *
     * @param source in libtorch's graph
     * @param outside the computation outside of any graph
     * @param inside the same on a tape
     */
    Tensor checkpoint(Tensor source, UnaryOperator<Tensor> outside, BiFunction<Tensor, Tape, Tensor> inside) {
        Tensor input = cut(source);
        Tensor output;
        try (NoGradGuard noGrad = new NoGradGuard()) {
            output = beginning(outside.apply(input.detach()));
        }
        push(() -> {
            try (Tape own = new Tape(precision)) {
                backward(inside.apply(input, own), output.grad());
                own.backward();
            }
        }, input, output);
        return output;
    }

    /** The tensor as a leaf, to whose gradient libtorch adds. */
    static Tensor beginning(Tensor value) {
        value.set_requires_grad(true);
        return value;
    }

    private void push(Runnable action, Tensor... kept) {
        steps.push(new Step(action, List.of(kept), () -> {}));
    }

    /** Goes back over all steps; the gradient of each beginning is complete when its step is reached. */
    void backward() {
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
        inputs.values().forEach(Input::release);
        inputs.clear();
    }

    /** Adds to the gradients of the leaves in front of a tensor, and lets go what was kept in between. */
    static void backward(Tensor tensor, Tensor gradient) {
        tensor.backward(gradient, new BoolOptional(false), false, new TensorArrayRefOptional());
    }

    private static TensorVector vector(List<Tensor> tensors) {
        return new TensorVector(tensors.toArray(Tensor[]::new));
    }
}
