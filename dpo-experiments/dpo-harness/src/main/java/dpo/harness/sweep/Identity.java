package dpo.harness.sweep;

import dpo.core.loss.PreferenceLoss;
import dpo.data.batch.BatchPlan;
import dpo.data.tokenization.ExampleTokenizer;
import dpo.harness.config.BackendModel;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ExperimentFile;
import dpo.harness.run.PreparedData;
import dpo.harness.run.RecordedTraining;
import dpo.harness.store.Json;
import dpo.harness.store.Sha256;
import dpo.train.TrainingLoop;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * The identity of a run: the hashes of everything that affects its results. Two runs with equal identity give equal
 * results on one machine, so the second need not be computed.
 *
 * @param config hash of the resolved configuration without its name and paths; the other parts hash the content of the
 *     paths
 * @param data hash of all tokens
 * @param model fingerprint of the model before training
 * @param reference fingerprint of a reference of its own; empty if the reference begins as the model
 * @param code hash of the class files that affect numbers, and of the version of the backend's native library
 */
public record Identity(String config, String data, String model, Optional<String> reference, String code) {

    private static final int SHORT = 10;

    /** The identity of a configuration with its data and model. */
    static Identity of(
            ExperimentConfig config,
            PreparedData data,
            String modelFingerprint,
            Optional<String> referenceFingerprint,
            Backends backends,
            CodeVersion version) {
        Map<String, Object> tree = new LinkedHashMap<>(ExperimentFile.resolvedTree(config, backends));
        // Not part of it: name and paths, since data and model have their own hashes, and the interval of checkpoints.
        List.of("name", "data").forEach(tree::remove);
        tree.put("model", ExperimentFile.identifying(config.model(), backends));
        remove(tree, "training", "checkpoint_every");
        if (!config.training().evaluateAtStart()) {
            remove(tree, "training", "evaluate_at_start");
        }
        if (config.ownReference().isPresent()) {
            tree.remove("reference");
        }
        remove(tree, "objective", "sft", "data");
        BackendModel<?> model = BackendModel.of(backends, config);
        String code =
                Sha256.of(version.of(code(model, config)) + model.backend().version());
        return new Identity(Sha256.of(Json.line(tree)), data.hash(), modelFingerprint, referenceFingerprint, code);
    }

    @SuppressWarnings("unchecked") // the resolved tree is made of maps from names
    private static void remove(Map<String, Object> tree, String... path) {
        Map<String, Object> section = tree;
        for (String key : List.of(path).subList(0, path.length - 1)) {
            if (!(section.get(key) instanceof Map<?, ?>)) {
                return;
            }
            section = (Map<String, Object>) section.get(key);
        }
        section.remove(path[path.length - 1]);
    }

    /** The hash of each class file that affects numbers, by name. */
    static SortedMap<String, String> classes(ExperimentConfig config, Backends backends, CodeVersion version) {
        return version.digests(code(BackendModel.of(backends, config), config));
    }

    private static Map<Class<?>, String> code(BackendModel<?> model, ExperimentConfig config) {
        // All code that affects numbers, including the user's losses and metrics.
        Map<Class<?>, String> parts = new HashMap<>();
        parts.put(PreferenceLoss.class, "dpo.core");
        parts.put(BatchPlan.class, BatchPlan.class.getPackageName());
        parts.put(ExampleTokenizer.class, ExampleTokenizer.class.getPackageName());
        parts.put(ExperimentConfig.class, ExperimentConfig.class.getPackageName());
        parts.put(RecordedTraining.class, RecordedTraining.class.getPackageName());
        parts.put(TrainingLoop.class, TrainingLoop.class.getPackageName());
        parts.putAll(classes(model));
        config.objective()
                .preference()
                .terms()
                .forEach(term ->
                        parts.put(term.loss().getClass(), term.loss().getClass().getPackageName()));
        config.method()
                .ifPresent(
                        method -> parts.put(method.getClass(), method.getClass().getPackageName()));
        config.metrics()
                .forEach(
                        metric -> parts.put(metric.getClass(), metric.getClass().getPackageName()));
        return parts;
    }

    /** The hash of the code and settings that compute log-probabilities, on which their last bits depend. */
    static String backendHash(BackendModel<?> model, ExperimentConfig config, CodeVersion version) {
        return String.join(
                "\n",
                version.of(classes(model)),
                model.backend().version(),
                config.execution().toString());
    }

    /** The classes of a backend and of its model, with their packages. */
    private static Map<Class<?>, String> classes(BackendModel<?> model) {
        Map<Class<?>, String> parts = new HashMap<>();
        Class<?> backend = model.backend().getClass();
        parts.put(backend, backend.getPackageName());
        model.code().forEach(type -> parts.put(type, type.getPackageName()));
        return parts;
    }

    /** A short hash of all parts. */
    String shortHash() {
        return Sha256.of(config + data + model + reference.orElse("") + code).substring(0, SHORT);
    }

    /** The parts that differ from those of another identity, as {@link #toMap} names them. */
    String differences(Map<String, String> other) {
        return toMap().entrySet().stream()
                .filter(part -> !part.getValue().equals(other.get(part.getKey())))
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(" and "));
    }

    /** The parts by name, for {@code run.json}. */
    public Map<String, String> toMap() {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("config", config);
        parts.put("data", data);
        parts.put("model", model);
        reference.ifPresent(fingerprint -> parts.put("reference", fingerprint));
        parts.put("code", code);
        return parts;
    }
}
