package dpo.torch;

import dpo.torch.block.Architecture;
import dpo.torch.block.Operation;
import dpo.torch.block.Projection;
import dpo.torch.block.Weights;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * The parameters of a model on a machine, as a pass uses them: matrices of projections in the format of products,
 * everything else in float32. Where stored matrices are float32 and products are not, there is a rounded copy of each,
 * made anew when the parameters have changed.
 */
@SuppressWarnings("try") // scopes are opened and closed, not used
final class ModelWeights implements AutoCloseable {

    private final Machine machine;
    private final NamedTensors parameters;
    private final Map<String, Linear> linears = new HashMap<>();
    private boolean stale;

    /**
     * @param parameters of the model, trained where they require a gradient
     * @param adapter added to projections
     */
    ModelWeights(Architecture architecture, NamedTensors parameters, Optional<Adapter> adapter, Machine machine) {
        this.machine = machine;
        this.parameters = parameters;
        try (PointerScope scope = new PointerScope()) {
            architecture.projections().forEach(projection -> {
                Linear linear = new Linear(
                        projection.name(),
                        machine.product(),
                        Matrix.of(parameters.get(projection.weightName()), machine.precision(), projection.transposed()),
                        projection.biasName().map(parameters::get),
                        adapter.flatMap(added -> added.of(projection, machine.precision())));
                linear.matrices().map(Matrix::value).forEach(Tensors::kept);
                linears.put(projection.name(), linear);
            });
        }
    }

    /** To be called when parameters have changed. */
    void changed() {
        stale = true;
    }

    /** A projection with the parameters as they stand. */
    private Linear linear(Projection projection) {
        if (stale) {
            stale = false;
            try (NoGradGuard noGrad = new NoGradGuard()) {
                matrices().forEach(Matrix::round);
            }
        }
        return linears.get(projection.name());
    }

    private Stream<Matrix> matrices() {
        return linears.values().stream().flatMap(Linear::matrices);
    }

    @Override
    public void close() {
        matrices().map(Matrix::value).forEach(Tensor::releaseReference);
        linears.clear();
    }

    /** For a pass that keeps nothing for a gradient. */
    Weights outsideGraph() {
        return outsideGraph(Dropout.NONE);
    }

    /** For a part of a pass that will be computed anew for its gradient. */
    Weights outsideGraph(Dropout dropout) {
        return new InPass(
                this,
                (linear, input) -> linear.forward(machine.precision().of(input), dropout),
                (operation, inputs) -> operation.forward(inputs, false),
                stream -> stream);
    }

    /** For a pass whose gradient is asked for. */
    Weights onTape(Tape tape, Dropout dropout) {
        return new InPass(
                this, (linear, input) -> tape.project(linear, input, dropout), tape::apply, tape::cut);
    }

    /** These weights, with one of the ways to compute with them. */
    private record InPass(
            ModelWeights model,
            BiFunction<Linear, Tensor, Tensor> projecting,
            BiFunction<Operation, List<Tensor>, Tensor> applying,
            UnaryOperator<Tensor> forking)
            implements Weights {

        @Override
        public Tensor get(String name) {
            return model.parameters.get(name);
        }

        @Override
        public Tensor project(Projection projection, Tensor input) {
            return projecting.apply(model.linear(projection), input);
        }

        @Override
        public Tensor apply(Operation operation, Tensor... inputs) {
            return applying.apply(operation, List.of(inputs));
        }

        @Override
        public void sideBySide(int tasks, IntConsumer task) {
            model.machine.sideBySide().run(tasks, task);
        }

        @Override
        public Tensor fork(Tensor stream) {
            return forking.apply(stream);
        }

        @Override
        public Tensor forProducts(Tensor tensor) {
            return model.machine.precision().of(tensor);
        }

        @Override
        public boolean areOnCuda() {
            return !model.machine.device().isCpu();
        }

        @Override
        public Tensor place(Tensor tensor) {
            return model.machine.device().place(tensor);
        }
    }
}
