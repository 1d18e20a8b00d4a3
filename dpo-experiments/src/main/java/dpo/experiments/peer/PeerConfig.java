package dpo.experiments.peer;

import dpo.experiments.config.ConfigError;
import dpo.experiments.config.ConfigException;
import dpo.experiments.config.ConfigNode;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Set;

/** A configuration file of another system, told apart by its keys. */
public final class PeerConfig {

    private static final Set<String> OF_NEMO = Set.of("dpo", "policy", "defaults");
    private static final Set<String> OF_TRL = Set.of(
            "model_name_or_path", "dataset_name", "datasets", "output_dir", "loss_type", "beta", "learning_rate",
            "per_device_train_batch_size");

    private PeerConfig() {}

    /**
     * Our experiment configuration for a TRL DPO configuration (YAML or JSON: the fields of {@code DPOConfig},
     * {@code ModelConfig}, {@code ScriptArguments} and {@code DatasetMixtureConfig}) or a NeMo RL {@code dpo.yaml}. Names
     * on a hub become placeholders for paths.
     *
     * @throws ConfigException where the file is neither, or with all its errors
     */
    public static Translation translate(Path file) {
        ConfigNode.Mapping root = ConfigNode.readFile(file);
        Set<String> keys = root.entries().keySet();
        if (!Collections.disjoint(keys, OF_NEMO)) {
            return NemoExperiment.translate(root, file);
        }
        if (!Collections.disjoint(keys, OF_TRL)) {
            return TrlExperiment.translate(root, file);
        }
        throw new ConfigException(new ConfigError(
                "",
                "config must be one of TRL (with such keys as model_name_or_path) or NeMo RL (with dpo and policy), got"
                        + " the keys " + String.join(", ", keys),
                root.place()));
    }

    /** A name for the experiment: that of the file without its extension. */
    static String nameOf(Path file) {
        String name = file.getFileName().toString().replaceFirst("\\.[^.]*$", "").replaceAll("[^\\w.-]", "-");
        return name.isEmpty() ? "imported" : name;
    }
}
