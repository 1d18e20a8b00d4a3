package dpo.torch.checkpoint;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * {@code model.safetensors.index.json}, which maps each tensor to one of several files. As in transformers, all tensors
 * in the files are read, also those that the index does not name.
 *
 * @param path the index
 */
record ShardIndex(Path path) {

    /**
     * The files, each tensor in one of them.
     *
     * @throws IllegalArgumentException if a file is missing, outside the folder, or lacks a tensor that it should hold,
     *     or if two files hold the same tensor
     */
    Collection<SafetensorsFile> files() {
        JsonNode map = JsonFile.read(path).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw wrong("weight_map must be an object of file names, got " + JsonFile.shown(map));
        }
        Map<String, SafetensorsFile> shards = new LinkedHashMap<>();
        Map<String, SafetensorsFile> files = new LinkedHashMap<>();
        map.properties().forEach(field -> {
            String name = fileName(field.getKey(), field.getValue());
            if (!shards.containsKey(name)) {
                SafetensorsFile file = SafetensorsFile.open(inFolder(name));
                shards.put(name, file);
                addAll(file, files);
            }
            if (!shards.get(name).tensors().containsKey(field.getKey())) {
                throw wrong("weight_map must name the file of each tensor, got " + name + " for "
                        + SafetensorsFile.shown(field.getKey()) + ", which is not in it");
            }
        });
        return shards.values();
    }

    private void addAll(SafetensorsFile file, Map<String, SafetensorsFile> files) {
        file.tensors().keySet().forEach(tensor -> {
            SafetensorsFile other = files.put(tensor, file);
            if (other != null) {
                throw wrong("each tensor must be in one file, got " + SafetensorsFile.shown(tensor) + " in "
                        + other.path().getFileName() + " and " + file.path().getFileName());
            }
        });
    }

    private String fileName(String tensor, JsonNode value) {
        if (!value.isString()) {
            throw wrong("weight_map must map names to file names, got " + JsonFile.shown(value) + " for "
                    + SafetensorsFile.shown(tensor));
        }
        return value.stringValue();
    }

    /** A file in the index's folder or below it; it may be a link to elsewhere, as in the cache of the hub. */
    private Path inFolder(String name) {
        Path folder = path.toAbsolutePath().normalize().resolveSibling("");
        Optional<Path> file = resolved(folder, name).filter(path -> path.startsWith(folder));
        return file.filter(Files::isRegularFile)
                .orElseThrow(
                        () -> wrong("every file of weight_map must be in the folder, got " + SafetensorsFile.shown(name)
                                + (file.isPresent() ? ", which is missing" : ", which is outside")));
    }

    private static Optional<Path> resolved(Path folder, String name) {
        try {
            return Optional.of(folder.resolve(name).normalize());
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private IllegalArgumentException wrong(String message) {
        return new IllegalArgumentException(message + " (" + path + ")");
    }
}
