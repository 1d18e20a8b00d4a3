package dpo.train;

import dpo.core.backend.Policy;
import dpo.core.backend.ScalarModel;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The models of a training.
 *
 * @param policy the model that is trained, with its initial parameters; it is also the reference if no other is given
 * @param secondModel the reference as a model: the same model opened again, if the {@linkplain
 *     TrainingSettings#needsSecondModel settings} need it, or a reference of its own, with another {@linkplain
 *     Policy#fingerprint fingerprint}
 * @param scalars reward models and value functions by name, those of {@link TrainingMethod#scalarModels}
 */
public record Models(Policy policy, Optional<Policy> secondModel, Map<String, ScalarModel> scalars)
        implements AutoCloseable {

    public Models {
        scalars = Collections.unmodifiableMap(new TreeMap<>(scalars));
    }

    /** A policy and, if needed, its reference. */
    public Models(Policy policy, Optional<Policy> secondModel) {
        this(policy, secondModel, Map.of());
    }

    /**
     * A scalar model.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public ScalarModel scalar(String name) {
        return Optional.ofNullable(scalars.get(name))
                .orElseThrow(() -> new IllegalArgumentException(
                        "models must hold a scalar model " + name + ", got " + scalars.keySet()));
    }

    /** Closes all models. */
    @Override
    public void close() {
        try (policy) {
            secondModel.ifPresent(Policy::close);
            scalars.values().forEach(ScalarModel::close);
        }
    }
}
