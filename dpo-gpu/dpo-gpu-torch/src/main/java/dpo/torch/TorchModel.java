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
import dpo.torch.model.NeuralWorld;
import dpo.torch.model.StoredModel;
import dpo.torch.nn.Architecture;
import dpo.torch.tensor.Precision;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Settings of the {@code torch} backend's model: a checkpoint, a new model with random weights, or a transformer of a
 * controlled world.
 *
 * @param path checkpoint folder in Hugging Face layout
 * @param fresh a decoder with random weights
 * @param world a controlled world with a small transformer that is pre-trained when it is opened
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

        @Setting(about = "instead of path: a controlled world whose policy is a small pre-trained transformer")
        Optional<NeuralWorld> world,

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
        long given = Stream.of(path, fresh, world).filter(Optional::isPresent).count();
        Requirement.holds(
                given == 1, "path", "must be given, or fresh, or world, and only one of them", given, "fresh", "world");
    }

    /** The model in a checkpoint folder, in float32. */
    public static TorchModel at(Path path) {
        return new TorchModel(
                Optional.of(path), Optional.empty(), Optional.empty(), Precision.FLOAT32, Optional.empty(), false);
    }

    /** A model with random weights, in float32. */
    public static TorchModel of(FreshModel fresh) {
        return new TorchModel(
                Optional.empty(), Optional.of(fresh), Optional.empty(), Precision.FLOAT32, Optional.empty(), false);
    }

    /** The transformer of a controlled world, in float32. */
    public static TorchModel of(NeuralWorld world) {
        return new TorchModel(
                Optional.empty(), Optional.empty(), Optional.of(world), Precision.FLOAT32, Optional.empty(), false);
    }

    /** This model with another dtype of matmuls. */
    public TorchModel with(Precision precision) {
        return new TorchModel(path, fresh, world, precision, adapter, gradientCheckpointing);
    }

    /** This model with an adapter. */
    public TorchModel with(LoraAdapter added) {
        return new TorchModel(path, fresh, world, dtype, Optional.of(added), gradientCheckpointing);
    }

    /** This model with layers recomputed in the backward pass. */
    public TorchModel withCheckpointing() {
        return new TorchModel(path, fresh, world, dtype, adapter, true);
    }

    /** The model's family, according to its configuration. */
    Family family() {
        return Families.of(
                path.map(folder -> ConfigJson.read(Checkpoint.config(folder))).orElseGet(this::newConfig));
    }

    /** The configuration of a model that is not in a folder. */
    private ConfigJson newConfig() {
        return fresh.map(FreshModel::config).orElseGet(() -> world.orElseThrow().config());
    }

    /** The estimated memory of training this model, computed without opening it. */
    TrainingMemory trainingMemory() {
        Architecture architecture =
                path.map(folder -> StoredModel.read(folder).architecture()).orElseGet(() -> Families.read(newConfig()));
        return TrainingMemory.of(
                architecture, dtype, gradientCheckpointing, adapter, List.of(path, fresh, world, dtype));
    }
}
