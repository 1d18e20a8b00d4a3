package dpo.torch.checkpoint;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The weights in a checkpoint folder: one {@code model.safetensors}, or several files named by
 * {@code model.safetensors.index.json}.
 */
public final class Checkpoint {

    /** The single file of weights, and the one that is written. */
    public static final String WEIGHTS = "model.safetensors";

    /** The file that maps each tensor to one of several files. */
    public static final String INDEX = "model.safetensors.index.json";

    /** The file of the model's configuration. */
    public static final String CONFIG = "config.json";

    /** Numbers compared at a time. */
    private static final int COMPARED = 1 << 20;

    /** Errors listed in a message; further ones are counted. */
    private static final int MOST_LISTED = 10;

    private final Path path;
    private final Map<String, Stored> tensors;

    /** A tensor and its file, where it may have another name. */
    private record Stored(SafetensorsFile file, TensorEntry entry) {}

    private Checkpoint(Path path, Map<String, Stored> tensors) {
        this.path = path;
        this.tensors = tensors;
    }

    private static Checkpoint of(Path path, Collection<SafetensorsFile> files) {
        Map<String, Stored> tensors = new LinkedHashMap<>();
        files.forEach(file -> file.tensors().forEach((name, entry) -> tensors.put(name, new Stored(file, entry))));
        return new Checkpoint(path, tensors);
    }

    /**
     * Reads the headers of a folder's files of weights.
     *
     * @throws IllegalArgumentException if files are missing or damaged
     */
    public static Checkpoint open(Path folder) {
        if (Files.isRegularFile(folder.resolve(WEIGHTS))) {
            return of(SafetensorsFile.open(folder.resolve(WEIGHTS)));
        }
        if (!Files.isRegularFile(folder.resolve(INDEX))) {
            throw new IllegalArgumentException(
                    "model folder must hold " + WEIGHTS + " or " + INDEX + ", got neither (" + folder + ")");
        }
        return of(folder, new ShardIndex(folder.resolve(INDEX)).files());
    }

    /** The tensors of one file. */
    public static Checkpoint of(SafetensorsFile file) {
        return of(file.path(), List.of(file));
    }

    /**
     * The same tensors under other names.
     *
     * @param names maps a name to the new one; empty to leave the tensor out
     * @throws IllegalArgumentException if two tensors get the same name
     */
    public Checkpoint named(Function<String, Optional<String>> names) {
        Map<String, Stored> renamed = new LinkedHashMap<>();
        tensors.forEach((present, tensor) -> names.apply(present).ifPresent(name -> {
            Stored other = renamed.put(name, tensor);
            if (other != null) {
                throw new IllegalArgumentException("each parameter must be stored once, got "
                        + other.entry().name() + " and " + tensor.entry().name() + " for " + name + " (" + path + ")");
            }
        }));
        return new Checkpoint(path, renamed);
    }

    /** Whether there is a tensor of a name. */
    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    /**
     * Whether two floating-point tensors of the same shape are equal in float32; NaN equals nothing.
     */
    public boolean equal(String one, String other) {
        long numbers = entry(one).numbers();
        for (long from = 0; from < numbers; from += COMPARED) {
            int count = (int) Math.min(COMPARED, numbers - from);
            float[] left = stored(one).file().numbers(entry(one), from, count);
            float[] right = stored(other).file().numbers(entry(other), from, count);
            for (int i = 0; i < count; i++) {
                if (left[i] != right[i]) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The {@code config.json} of a folder, which must exist. */
    public static Path config(Path folder) {
        Path path = folder.resolve(CONFIG);
        if (!Files.isRegularFile(path)) {
            throw new IllegalArgumentException("model folder must hold " + CONFIG + ", got none (" + folder + ")");
        }
        return path;
    }

    /**
     * Requires exactly these tensors with their shapes.
     *
     * @param owner of the tensors, for messages
     * @throws IllegalArgumentException if tensors are missing, unexpected, of another shape, or not floating-point
     */
    public void requireExactly(Map<String, List<Long>> parameters, String owner) {
        List<String> wrong = new ArrayList<>();
        parameters.forEach((name, shape) -> {
            if (!tensors.containsKey(name)) {
                wrong.add(name + " is missing");
            } else if (!entry(name).shape().equals(shape)) {
                wrong.add(name + " has shape " + entry(name).shape() + ", but " + owner + " has " + shape);
            } else if (!entry(name).type().isFloat()) {
                wrong.add(name + " holds " + entry(name).type() + ", but " + owner + " has floating-point numbers");
            }
        });
        for (String name : new TreeSet<>(tensors.keySet())) {
            if (!parameters.containsKey(name)) {
                wrong.add(SafetensorsFile.shown(name) + " is unexpected");
            }
        }
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException("tensors must be those of " + owner + ", got: "
                    + String.join("; ", wrong.subList(0, Math.min(MOST_LISTED, wrong.size())))
                    + (wrong.size() > MOST_LISTED ? "; and " + (wrong.size() - MOST_LISTED) + " more" : "")
                    + " (" + path + ")");
        }
    }

    /** Location, type and shape of a tensor. */
    public TensorEntry entry(String name) {
        return stored(name).entry();
    }

    /** Passes the bytes of a tensor to a consumer, see {@link SafetensorsFile#forEachChunk}. */
    public void forEachChunk(String name, Consumer<ByteBuffer> consumer) {
        stored(name).file().forEachChunk(entry(name), consumer);
    }

    private Stored stored(String name) {
        Stored tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("tensor must be in the checkpoint, got " + name + " (" + path + ")");
        }
        return tensor;
    }
}
