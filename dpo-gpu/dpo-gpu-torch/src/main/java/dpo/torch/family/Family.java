package dpo.torch.family;

import dpo.torch.nn.Architecture;
import java.util.Optional;

/**
 * A model family of transformers. An implementation is named in {@code META-INF/services/dpo.torch.family.Family} and
 * has a constructor without arguments.
 */
public interface Family {

    /** {@code model_type} in {@code config.json}, e.g. {@code llama}. */
    String modelType();

    /** The class of transformers that is computed, e.g. {@code LlamaForCausalLM}. */
    String architecture();

    /**
     * The model of a configuration. Absent keys have transformers' defaults; an option that cannot be computed is
     * refused, never ignored, but for dropout: preference optimisation is done without, as in TRL.
     *
     * @throws IllegalArgumentException where the configuration is wrong or cannot be computed
     */
    Architecture read(ConfigJson config);

    /**
     * The parameter that a tensor of a checkpoint is; empty for one that follows from the configuration, as stored
     * rotary frequencies and masks do.
     *
     * @param stored name in the file
     */
    default Optional<String> parameter(String stored) {
        return stored.endsWith(".rotary_emb.inv_freq") ? Optional.empty() : Optional.of(stored);
    }
}
