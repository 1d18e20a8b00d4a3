package dpo.torch.model;

import dpo.torch.checkpoint.Checkpoint;
import dpo.torch.family.ConfigJson;
import dpo.torch.family.Families;
import dpo.torch.nn.Architecture;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A model folder with its configuration and the headers of its weights, checked against each other: the tensors are
 * exactly those of the architecture.
 *
 * <p>If the configuration ties head and embedding, the files decide as in transformers 5 ({@code
 * PreTrainedModel.tie_weights}): two different matrices are not tied; if they are equal or one is missing, there is one
 * matrix.
 *
 * @param folder of the model
 * @param config its configuration, with {@code tie_word_embeddings: false} if the files decide so
 * @param architecture of that configuration
 * @param checkpoint tensors by the names of the architecture's parameters
 * @param notices for the user, one sentence each
 */
public record StoredModel(
        Path folder, ConfigJson config, Architecture architecture, Checkpoint checkpoint, List<String> notices) {

    public StoredModel {
        checkpoint.requireExactly(architecture.parameters(), "the model");
    }

    /**
     * Reads a folder.
     *
     * @throws IllegalArgumentException if configuration or weights are missing or damaged, or do not fit each other
     */
    public static StoredModel read(Path folder) {
        ConfigJson config = ConfigJson.read(Checkpoint.config(folder));
        Architecture tied = Families.read(config);
        Checkpoint checkpoint = Checkpoint.open(folder).named(Families.of(config)::parameter);
        ConfigJson untied = config.untied();
        Architecture separate = Families.read(untied);
        String embedding = tied.embedding().tokens();
        String head = separate.head().matrix();
        if (!tied.head().matrix().equals(embedding) || head.equals(embedding) || !checkpoint.has(head)) {
            return new StoredModel(folder, config, tied, checkpoint, List.of());
        }
        if (!checkpoint.has(embedding)) {
            Checkpoint swapped = checkpoint.named(name -> Optional.of(name.equals(head) ? embedding : name));
            return new StoredModel(folder, config, tied, swapped, List.of());
        }
        checkpoint.requireExactly(separate.parameters(), "the model");
        if (checkpoint.equal(head, embedding)) {
            Checkpoint once = checkpoint.named(name -> Optional.of(name).filter(other -> !other.equals(head)));
            return new StoredModel(folder, config, tied, once, List.of());
        }
        return new StoredModel(
                folder,
                untied,
                separate,
                checkpoint,
                List.of("tie_word_embeddings is true, but " + head
                        + " and " + embedding + " differ in the files: they are not tied, as in transformers 5; "
                        + "set tie_word_embeddings: false in config.json to avoid this notice (" + folder + ")"));
    }
}
