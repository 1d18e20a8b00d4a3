package dpo.torch.family;

import dpo.torch.nn.Architecture;
import java.util.Optional;

/**
 * A model family of transformers. Implementations are listed in {@code META-INF/services/dpo.torch.family.Family} and
 * have a constructor without arguments.
 */
public interface Family {

    /** {@code model_type} in {@code config.json}, e.g. {@code llama}. */
    String modelType();

    /** The class in transformers, e.g. {@code LlamaForCausalLM}. */
    String architecture();

    /**
     * Reads a configuration. Absent keys have transformers' defaults. An unsupported option is refused, never ignored,
     * except dropout: preference optimization runs without it, as in TRL.
     *
     * @throws IllegalArgumentException if the configuration is wrong or unsupported
     */
    Architecture read(ConfigJson config);

    /**
     * The name of the parameter that a tensor in a checkpoint holds; empty for tensors that follow from the
     * configuration, such as rotary frequencies and masks.
     *
     * @param stored name in the file
     */
    default Optional<String> parameter(String stored) {
        return stored.endsWith(".rotary_emb.inv_freq") ? Optional.empty() : Optional.of(stored);
    }
}
