package dpo.torch.lm;

import dpo.torch.autograd.Gradients;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * The parameters of a model as a forward pass uses them: matrices of projections in the dtype of matmuls, everything
 * else in float32. If stored matrices are float32 and matmuls are not, each matrix has a rounded copy, which is
 * refreshed when the parameters have changed.
 *
 * <p>Parts of a pass that are computed side by side have weights of their own: the same memory, with other gradients.
 */
@SuppressWarnings("try") // pointer scopes are only opened and closed
public final class ModelWeights implements AutoCloseable {

    private final Architecture architecture;
    private final NamedTensors parameters;
    private final Optional<Adapter> adapter;
    private final ComputeDevice device;
    private final Map<String, LinearLayer> layers = new HashMap<>();
    private final RetainedTensors values = new RetainedTensors();
    private final List<ModelWeights> ofParts = new ArrayList<>();
    private boolean stale;

    /**
     * The weights of a model.
     *
     * @param parameters of the model, trained if they require a gradient
     * @param adapter added to projections
     */
    public ModelWeights(
            Architecture architecture, NamedTensors parameters, Optional<Adapter> adapter, ComputeDevice device) {
        this.architecture = architecture;
        this.parameters = parameters;
        this.adapter = adapter;
        this.device = device;
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

    /** The parameters of the model. */
    NamedTensors parameters() {
        return parameters;
    }

    /** Whether passes in training have dropout. */
    boolean hasDropout() {
        return adapter.filter(Adapter::hasDropout).isPresent();
    }

    /** The weights for a part of a pass; those of the first part are these. */
    ModelWeights ofPart(int index) {
        while (ofParts.size() < index) {
            ofParts.add(new ModelWeights(architecture, parameters.aliases(), adapter.map(Adapter::alias), device));
        }
        return index == 0 ? this : ofParts.get(index - 1);
    }

    /** Adds the gradients of all parts, in their order. */
    void addGradientsOfParts() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            for (ModelWeights part : ofParts) {
                Gradients.move(part.parameters.all().values(), parameters.all().values());
                part.adapter.ifPresent(added -> Gradients.move(
                        added.tensors().all().values(),
                        adapter.orElseThrow().tensors().all().values()));
            }
        }
    }

    /** Announces that parameters have changed. */
    public void changed() {
        stale = true;
        ofParts.forEach(ModelWeights::changed);
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
        ofParts.forEach(ModelWeights::closeAliases);
        ofParts.clear();
        values.close();
        layers.clear();
    }

    private void closeAliases() {
        close();
        adapter.ifPresent(Adapter::close);
        parameters.close();
    }
}
