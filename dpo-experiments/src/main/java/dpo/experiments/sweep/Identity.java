package dpo.experiments.sweep;

import dpo.core.backend.Backend;
import dpo.core.loss.PreferenceLoss;
import dpo.data.tokenization.PairTokenizer;
import dpo.experiments.config.Backends;
import dpo.experiments.config.ExperimentConfig;
import dpo.experiments.config.ExperimentFile;
import dpo.experiments.store.Json;
import dpo.experiments.store.Sha256;
import dpo.experiments.train.TrainingData;
import dpo.experiments.train.TrainingLoop;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The content address of a run: what it would compute. Two runs with equal identity give equal results on one machine, so
 * the second need not be computed.
 *
 * @param config hash of the resolved configuration without paths and name, whose content the other parts stand for
 * @param data hash of all tokens
 * @param model fingerprint of the model before training
 * @param code hash of the class files that compute
 */
public record Identity(String config, String data, String model, String code) {

    private static final int SHORT = 10;

    /** The identity of a configuration with its data and model. */
    static Identity of(ExperimentConfig config, TrainingData data, String modelFingerprint, Backends backends) {
        Map<String, Object> tree = new LinkedHashMap<>(ExperimentFile.resolvedTree(config, backends));
        tree.remove("name");
        tree.remove("model");
        tree.remove("data");
        Backend<?> backend = backends.find(config.backend()).orElseThrow();
        return new Identity(
                Sha256.of(Json.line(tree)), data.hash(), modelFingerprint, code(backend, config));
    }

    private static String code(Backend<?> backend, ExperimentConfig config) {
        // One class in the top package of each part that has a say in the numbers; own losses count too.
        List<Class<?>> parts = new java.util.ArrayList<>(List.of(
                dpo.core.loss.PreferenceLoss.class, dpo.core.logprob.TokenLogProbs.class,
                dpo.core.metric.PreferenceMetrics.class, PairTokenizer.class, TrainingLoop.class, backend.getClass()));
        config.objective().preference().terms().forEach(term -> parts.add(term.loss().getClass()));
        return CodeVersion.of(parts);
    }

    /** The address as one short name. */
    String shortHash() {
        return Sha256.of(config + data + model + code).substring(0, SHORT);
    }

    /** The parts by name, for {@code run.json}. */
    Map<String, String> toMap() {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("config", config);
        parts.put("data", data);
        parts.put("model", model);
        parts.put("code", code);
        return parts;
    }
}
