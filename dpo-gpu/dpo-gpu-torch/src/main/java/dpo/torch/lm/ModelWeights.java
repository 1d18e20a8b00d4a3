package dpo.torch.lm;

import dpo.torch.autograd.LinearFunction;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.linear.Dropout;
import dpo.torch.linear.LinearLayer;
import dpo.torch.linear.WeightMatrix;
import dpo.torch.lora.Adapter;
import dpo.torch.nn.Architecture;
import dpo.torch.nn.Projection;
import dpo.torch.nn.Weights;
import dpo.torch.tensor.NamedTensors;
import dpo.torch.tensor.RetainedTensors;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * The parameters of a model as a forward pass uses them: matrices of projections in the dtype of matmuls, everything
 * else in float32. If stored matrices are float32 and matmuls are not, each matrix has a rounded copy, which is
 * refreshed when the parameters have changed.
 */
@SuppressWarnings("try") // pointer scopes are only opened and closed
public final class ModelWeights implements AutoCloseable {

    private final NamedTensors parameters;
    private final Map<String, LinearLayer> layers = new HashMap<>();
    private final RetainedTensors values = new RetainedTensors();
    private boolean stale;

    /**
     * The weights of a model.
     *
     * @param parameters of the model, trained if they require a gradient
     * @param adapter added to projections
     */
    public ModelWeights(
            Architecture architecture, NamedTensors parameters, Optional<Adapter> adapter, ComputeDevice device) {
        this.parameters = parameters;
        try (PointerScope scope = new PointerScope()) {
            architecture.projections().forEach(projection -> {
                LinearLayer layer = new LinearLayer(
                        projection.name(),
                        device.matMul(),
                        WeightMatrix.of(
                                parameters.get(projection.weightName()), device.precision(), projection.transposed()),
                        projection.biasName().map(parameters::get),
                        adapter.flatMap(added -> added.of(projection, device.precision())));
                layer.matrices().map(WeightMatrix::value).forEach(values::add);
                layers.put(projection.name(), layer);
            });
        }
    }

    /** Announces that parameters have changed. */
    public void changed() {
        stale = true;
    }

    /** The weights for one forward pass. */
    Weights with(Dropout dropout) {
        return new Weights() {
            @Override
            public Tensor parameter(String name) {
                return parameters.get(name);
            }

            @Override
            public LinearFunction linear(Projection projection) {
                return current(projection).with(dropout);
            }
        };
    }

    private LinearLayer current(Projection projection) {
        if (stale) {
            stale = false;
            try (NoGradGuard noGrad = new NoGradGuard()) {
                layers.values().stream().flatMap(LinearLayer::matrices).forEach(WeightMatrix::refresh);
            }
        }
        LinearLayer layer = layers.get(projection.name());
        if (layer == null) {
            throw new IllegalStateException("weights must be open and have " + projection.name() + ", got none of it");
        }
        return layer;
    }

    @Override
    public void close() {
        values.close();
        layers.clear();
    }
}
