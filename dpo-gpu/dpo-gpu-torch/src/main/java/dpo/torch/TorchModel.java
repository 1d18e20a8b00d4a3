package dpo.torch;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which model the {@code torch} backend opens: one that is read, or one that is made.
 *
 * @param path checkpoint folder in Hugging Face layout
 * @param fresh a decoder with random weights
 * @param dtype number format of products; what is trained, norms, softmax and log-probabilities are float32 in any case
 * @param adapter what is trained in place of the model itself
 * @param gradientCheckpointing whether layers are computed anew for the gradient, which saves memory, takes about a
 *     third more time and changes no bit of a result
 */
public record TorchModel(
        @Setting(about = "Hugging Face folder: config.json, *.safetensors, tokenizer files") Optional<Path> path,
        @Setting(about = "instead of path: a decoder with random weights") Optional<FreshModel> fresh,
        @Setting(about = "number format of products: float32 or bfloat16", byDefault = "float32") Precision dtype,
        @Setting(about = "train an adapter beside the frozen model") Optional<LoraAdapter> adapter,
        @Setting(
                        about = "compute layers anew for the gradient, to save memory",
                        byDefault = "false",
                        changesResults = false)
                boolean gradientCheckpointing) {

    public TorchModel {
        Requirement.holds(path.isPresent() != fresh.isPresent(), "path", "must be given, or fresh, and not both",
                path.isPresent() ? "both" : "neither", "fresh");
    }

    /** The model in a checkpoint folder, in float32. */
    public static TorchModel at(Path path) {
        return new TorchModel(Optional.of(path), Optional.empty(), Precision.FLOAT32, Optional.empty(), false);
    }

    /** A model with random weights, in float32. */
    public static TorchModel of(FreshModel fresh) {
        return new TorchModel(Optional.empty(), Optional.of(fresh), Precision.FLOAT32, Optional.empty(), false);
    }

    /** The same with another number format of products. */
    public TorchModel with(Precision precision) {
        return new TorchModel(path, fresh, precision, adapter, gradientCheckpointing);
    }

    /** The same with an adapter. */
    public TorchModel with(LoraAdapter added) {
        return new TorchModel(path, fresh, dtype, Optional.of(added), gradientCheckpointing);
    }

    /** The same with layers computed anew for the gradient. */
    public TorchModel withCheckpointing() {
        return new TorchModel(path, fresh, dtype, adapter, true);
    }
}
