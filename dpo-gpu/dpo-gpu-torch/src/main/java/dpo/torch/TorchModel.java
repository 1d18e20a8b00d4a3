package dpo.torch;

import dpo.core.setting.Setting;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which model the {@code torch} backend opens: one that is read, or one that is made.
 *
 * @param path checkpoint folder in Hugging Face layout
 * @param fresh a decoder with random weights
 * @param dtype number format of weights and computation: {@code float32}
 */
public record TorchModel(
        @Setting(about = "Hugging Face folder: config.json, *.safetensors, tokenizer files") Optional<Path> path,
        @Setting(about = "instead of path: a decoder with random weights") Optional<FreshModel> fresh,
        @Setting(about = "number format of weights and computation: float32", byDefault = "float32") String dtype) {

    public TorchModel {
        if (path.isPresent() == fresh.isPresent()) {
            throw new IllegalArgumentException(
                    "model must have exactly one of path and fresh, got " + (path.isPresent() ? "both" : "neither"));
        }
        if (!dtype.equals("float32")) {
            throw new IllegalArgumentException("dtype must be float32, got " + dtype);
        }
    }

    /** The model in a checkpoint folder. */
    public static TorchModel at(Path path) {
        return new TorchModel(Optional.of(path), Optional.empty(), "float32");
    }

    /** A model with random weights. */
    public static TorchModel of(FreshModel fresh) {
        return new TorchModel(Optional.empty(), Optional.of(fresh), "float32");
    }
}
