package dpo.harness.peer;

import dpo.harness.config.ConfigError;
import dpo.harness.config.ConfigException;
import dpo.harness.config.ConfigNode;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Translates a configuration file of another system, which its keys identify. */
public final class PeerConfig {

    private static final Set<String> OF_NEMO = Set.of("dpo", "policy", "defaults");
    private static final Set<String> OF_TRL = Set.of(
            "model_name_or_path",
            "dataset_name",
            "datasets",
            "output_dir",
            "loss_type",
            "beta",
            "learning_rate",
            "per_device_train_batch_size");

    private static final int MOST_SHOWN = 10;

    private PeerConfig() {}

    /**
     * Translates a TRL DPO configuration (YAML or JSON: the fields of {@code DPOConfig}, {@code
     * ModelConfig}, {@code ScriptArguments} and {@code DatasetMixtureConfig}) or a NeMo RL {@code dpo.yaml}. Names on a
     * hub become placeholders for paths.
     *
     * @throws ConfigException if the file is neither, or has errors; with all of them
     */
    public static Translation translate(Path file) {
        ConfigNode.Mapping root = ConfigNode.readFile(file);
        Set<String> keys = root.entries().keySet();
        boolean isOfNemo = !Collections.disjoint(keys, OF_NEMO);
        Optional<String> other = isOfNemo ? Optional.empty() : OtherSystem.of(root);
        if (other.isEmpty() && isOfNemo) {
            return NemoExperiment.translate(root, file);
        }
        if (other.isEmpty() && !Collections.disjoint(keys, OF_TRL)) {
            return TrlExperiment.translate(root, file);
        }
        throw new ConfigException(new ConfigError(
                "",
                "config must be one of TRL's DPO trainer (with keys like model_name_or_path) or of NeMo RL (with dpo"
                        + " and policy), got "
                        + other.orElseGet(() -> "one of neither, with the keys "
                                + keys.stream().limit(MOST_SHOWN).collect(Collectors.joining(", "))
                                + (keys.size() > MOST_SHOWN ? ", …" : "")),
                root.place()));
    }

    /** The name of the experiment: that of the file without its extension. */
    static String nameOf(Path file) {
        String name =
                file.getFileName().toString().replaceFirst("\\.[^.]*$", "").replaceAll("[^\\w.-]", "-");
        return name.isEmpty() ? "imported" : name;
    }
}
