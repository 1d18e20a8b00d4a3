package dpo.torch.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The weights in a checkpoint folder: one {@code model.safetensors}, or several files named by
 * {@code model.safetensors.index.json}.
 */
public final class Checkpoint {

    /** The single file of weights, and the one that is written. */
    public static final String WEIGHTS = "model.safetensors";

    /** The file that says which tensor is in which of several files. */
    public static final String INDEX = "model.safetensors.index.json";

    /** The file of the model's configuration. */
    public static final String CONFIG = "config.json";

    /** The names under which families store their heads. */
    private static final Set<String> HEADS = Set.of("lm_head.weight", "embed_out.weight");

    /** More that is wrong is counted. */
    private static final int MOST_TOLD = 10;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path path;
    private final Map<String, SafetensorsFile> files;
    private final Map<String, String> storedNames;

    private Checkpoint(Path path, Map<String, SafetensorsFile> files, Map<String, String> storedNames) {
        this.path = path;
        this.files = files;
        this.storedNames = storedNames;
    }

    private Checkpoint(Path path, Map<String, SafetensorsFile> files) {
        this(path, files, Map.of());
    }

    /**
     * Reads the headers of a folder's files of weights.
     *
     * @throws IllegalArgumentException where files are missing or damaged
     */
    public static Checkpoint open(Path folder) {
        Map<String, SafetensorsFile> files = new LinkedHashMap<>();
        if (Files.isRegularFile(folder.resolve(WEIGHTS))) {
            return of(SafetensorsFile.open(folder.resolve(WEIGHTS)));
        } else if (Files.isRegularFile(folder.resolve(INDEX))) {
            Map<String, SafetensorsFile> opened = new LinkedHashMap<>();
            index(folder.resolve(INDEX)).forEach((name, fileName) -> {
                SafetensorsFile file = opened.computeIfAbsent(fileName, shard -> shard(folder, shard));
                if (!file.tensors().containsKey(name)) {
                    throw new IllegalArgumentException("index must name the file of each tensor, got " + fileName
                            + " for " + name + ", which is not in it (" + folder.resolve(INDEX) + ")");
                }
                files.put(name, file);
            });
        } else {
            throw new IllegalArgumentException(
                    "model folder must hold " + WEIGHTS + " or " + INDEX + ", got neither (" + folder + ")");
        }
        return new Checkpoint(folder, files);
    }

    /** The tensors of one file. */
    public static Checkpoint of(SafetensorsFile file) {
        Map<String, SafetensorsFile> files = new LinkedHashMap<>();
        file.tensors().keySet().forEach(name -> files.put(name, file));
        return new Checkpoint(file.path(), files);
    }

    /**
     * The same tensors under other names.
     *
     * @param names the name for that in the file; empty for a tensor to be left out
     */
    public Checkpoint named(Function<String, Optional<String>> names) {
        Map<String, SafetensorsFile> renamed = new LinkedHashMap<>();
        Map<String, String> stored = new LinkedHashMap<>();
        files.forEach((inFile, file) -> names.apply(inFile).ifPresent(name -> {
            renamed.put(name, file);
            stored.put(name, storedNames.getOrDefault(inFile, inFile));
        }));
        return new Checkpoint(path, renamed, stored);
    }

    /** The text of a folder's {@code config.json}. */
    public static String configText(Path folder) {
        Path path = folder.resolve(CONFIG);
        if (!Files.isRegularFile(path)) {
            throw new IllegalArgumentException("model folder must hold " + CONFIG + ", got none (" + folder + ")");
        }
        return text(path);
    }

    /**
     * Checks that these are exactly the tensors of a model, in their shapes.
     *
     * <p>As in transformers, an LM head is passed over beside an embedding to which the configuration ties it.
     *
     * @throws IllegalArgumentException naming tensors that are missing, unexpected, of another shape, or no floats
     */
    public void requireExactly(Map<String, List<Long>> parameters) {
        List<String> wrong = new ArrayList<>();
        parameters.forEach((name, shape) -> {
            if (!files.containsKey(name)) {
                wrong.add(name + " is missing");
            } else if (!entry(name).shape().equals(shape)) {
                wrong.add(name + " has shape " + entry(name).shape() + " where the model has " + shape);
            } else if (!entry(name).type().isFloat()) {
                wrong.add(name + " holds " + entry(name).type() + " where the model has floating-point numbers");
            }
        });
        for (String name : new TreeSet<>(files.keySet())) {
            if (!parameters.containsKey(name) && !HEADS.contains(name)) {
                wrong.add(name + " is unexpected");
            }
        }
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(
                    "tensors must be those of the model, got: "
                            + String.join("; ", wrong.subList(0, Math.min(MOST_TOLD, wrong.size())))
                            + (wrong.size() > MOST_TOLD ? "; and " + (wrong.size() - MOST_TOLD) + " more" : "")
                            + " (" + path + ")");
        }
    }

    /** Where and how a tensor is stored. */
    public TensorEntry entry(String name) {
        return file(name).tensors().get(storedNames.getOrDefault(name, name));
    }

    /** Hands the bytes of a tensor to a consumer; see {@link SafetensorsFile#forEachPiece}. */
    public void forEachPiece(String name, Consumer<ByteBuffer> consumer) {
        file(name).forEachPiece(entry(name), consumer);
    }

    private SafetensorsFile file(String name) {
        SafetensorsFile file = files.get(name);
        if (file == null) {
            throw new IllegalArgumentException("tensor must be in the checkpoint, got " + name + " (" + path + ")");
        }
        return file;
    }

    private static SafetensorsFile shard(Path folder, String name) {
        Path path = folder.resolve(name);
        if (!path.normalize().startsWith(folder.normalize()) || !Files.isRegularFile(path)) {
            throw new IllegalArgumentException(
                    "every file of the index must be in the folder, got " + name + " (" + folder.resolve(INDEX) + ")");
        }
        return SafetensorsFile.open(path);
    }

    private static Map<String, String> index(Path path) {
        try {
            JsonNode map = JSON.readTree(text(path)).path("weight_map");
            if (!map.isObject() || map.isEmpty()) {
                throw new IllegalArgumentException(
                        "weight_map must be an object of names, got " + map + " (" + path + ")");
            }
            Map<String, String> files = new LinkedHashMap<>();
            map.properties().forEach(field -> files.put(field.getKey(), field.getValue().asString("")));
            return files;
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "index must be JSON, got: " + e.getOriginalMessage() + " (" + path + ")", e);
        }
    }

    private static String text(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path + ": " + e, e);
        }
    }
}
