package dpo.torch;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.torch.checkpoint.Checkpoint;
import dpo.torch.family.ConfigJson;
import dpo.torch.family.Families;
import dpo.torch.family.Family;
import dpo.torch.lora.LoraAdapter;
import dpo.torch.memory.TrainingMemory;
import dpo.torch.model.FreshModel;
import dpo.torch.model.StoredModel;
import dpo.torch.nn.Architecture;
import dpo.torch.tensor.Precision;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Settings of the {@code torch} backend's model: a checkpoint, or a new model with random weights.
 *
 * @param path checkpoint folder in Hugging Face layout
 * @param fresh a decoder with random weights
 * @param dtype dtype of matmuls; trained weights, norms, softmax and log-probabilities are float32 in any case
 * @param adapter trained instead of the model itself
 * @param gradientCheckpointing whether layers are recomputed in the backward pass, which saves memory, takes about a
 *     third more time and changes no bit of a result
 */
public record TorchModel(
        @Setting(about = "Hugging Face folder: config.json, *.safetensors, tokenizer files")
        Optional<Path> path,

        @Setting(about = "instead of path: a decoder with random weights")
        Optional<FreshModel> fresh,

        @Setting(about = "dtype of matmuls: float32 or bfloat16", byDefault = "float32")
        Precision dtype,

        @Setting(about = "train an adapter of the frozen model")
        Optional<LoraAdapter> adapter,

        @Setting(
                about = "recompute layers in the backward pass, to save memory",
                byDefault = "false",
                changesResults = false)
        boolean gradientCheckpointing) {

    public TorchModel {
        Requirement.holds(
                path.isPresent() != fresh.isPresent(),
                "path",
                "must be given, or fresh, and not both",
                path.isPresent() ? "both" : "neither",
                "fresh");
    }

    /** The model in a checkpoint folder, in float32. */
    public static TorchModel at(Path path) {
        return new TorchModel(Optional.of(path), Optional.empty(), Precision.FLOAT32, Optional.empty(), false);
    }

    /** A model with random weights, in float32. */
    public static TorchModel of(FreshModel fresh) {
        return new TorchModel(Optional.empty(), Optional.of(fresh), Precision.FLOAT32, Optional.empty(), false);
    }

    /** This model with another dtype of matmuls. */
    public TorchModel with(Precision precision) {
        return new TorchModel(path, fresh, precision, adapter, gradientCheckpointing);
    }

    /** This model with an adapter. */
    public TorchModel with(LoraAdapter added) {
        return new TorchModel(path, fresh, dtype, Optional.of(added), gradientCheckpointing);
    }

    /** This model with layers recomputed in the backward pass. */
    public TorchModel withCheckpointing() {
        return new TorchModel(path, fresh, dtype, adapter, true);
    }

    /** The model's family, according to its configuration. */
    Family family() {
        return Families.of(path.map(folder -> ConfigJson.read(Checkpoint.config(folder)))
                .orElseGet(() -> fresh.orElseThrow().config()));
    }

    /** The estimated memory of training this model, computed without opening it. */
    TrainingMemory trainingMemory() {
        Architecture architecture = path.map(folder -> StoredModel.read(folder).architecture())
                .orElseGet(() -> Families.read(fresh.orElseThrow().config()));
        return TrainingMemory.of(architecture, dtype, gradientCheckpointing, adapter, List.of(path, fresh, dtype));
    }
}
