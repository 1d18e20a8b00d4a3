package dpo.harness.config;

import dpo.core.backend.Backend;
import dpo.core.backend.MemoryEstimate;
import dpo.core.backend.Policy;
import dpo.core.backend.PreferenceSampler;
import dpo.core.backend.ScalarModel;
import dpo.core.backend.Workload;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The model of a run with the backend that computes it.
 *
 * @param <M> the backend's settings of models
 * @param settings the {@code model:} section
 */
public record BackendModel<M extends Record>(Backend<M> backend, M settings) {

    /** The model of a configuration. */
    public static BackendModel<?> of(Backends backends, ExperimentConfig config) {
        return of(backends.find(config.backend()).orElseThrow(), config.model());
    }

    private static <M extends Record> BackendModel<M> of(Backend<M> backend, Record settings) {
        return new BackendModel<>(backend, backend.modelSettings().cast(settings));
    }

    /** See {@link Backend#open}. */
    public Policy open(ExperimentConfig config) {
        return backend.open(settings, config.execution(), config.seed());
    }

    /** See {@link Backend#openScalar}. */
    public ScalarModel openScalar(ExperimentConfig config) {
        return backend.openScalar(settings, config.execution(), config.seed());
    }

    /** See {@link Backend#isStored}. */
    public boolean isStored() {
        return backend.isStored(settings);
    }

    /** See {@link Backend#sampler}. */
    public Optional<PreferenceSampler> sampler() {
        return backend.sampler(settings);
    }

    /** See {@link Backend#memory}. */
    public Optional<MemoryEstimate> memory(Workload workload) {
        return backend.memory(settings, workload);
    }

    /** See {@link Backend#memorySavingAlternatives}. */
    public Map<String, ? extends Record> memorySavingAlternatives() {
        return backend.memorySavingAlternatives(settings);
    }

    /** The settings of the process that the model needs. */
    public ProcessSettings processSettings(ExperimentConfig config) {
        return new ProcessSettings(backend.name(), backend.processSettings(settings, config.execution()));
    }

    /** Settings of the process; models of different backends always have different ones. */
    public record ProcessSettings(String backend, Map<String, String> settings) {}

    /** See {@link Backend#code}. */
    public Set<Class<?>> code() {
        return backend.code(settings);
    }
}
