package dpo.harness.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The content of a file that a run reads.
 *
 * @param bytes its length
 * @param sha256 its SHA-256 in hexadecimal, as {@code sha256sum} prints it
 */
public record InputFile(long bytes, String sha256) {

    /** The name of a file that is not in a folder of inputs. */
    public static final String ITSELF = "";

    /** Endings of files of models and tokenizers: in Hugging Face layout, and of saved Deeplearning4j networks. */
    private static final Set<String> OF_MODELS =
            Set.of("json", "safetensors", "jinja", "txt", "model", "zip", "properties");

    private static final int DEEPEST = 2;
    private static final int BUFFER = 1 << 18;

    /**
     * Reads a file.
     *
     * @throws OutputException if it cannot be read
     */
    public static InputFile of(Path file) {
        MessageDigest sha256 = Sha256.digest();
        long bytes = 0;
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[BUFFER];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                sha256.update(buffer, 0, read);
                bytes += read;
            }
        } catch (IOException e) {
            throw OutputException.reading(file, e);
        }
        return new InputFile(bytes, Sha256.hex(sha256.digest()));
    }

    /**
     * The content of a path: of the file itself, or of the files of a model or tokenizer in a folder, by name.
     *
     * @return empty if nothing is there
     */
    public static SortedMap<String, InputFile> at(Path path) {
        return at(path, name -> true, InputFile::of);
    }

    /**
     * {@link #at(Path)} of the files that are wanted.
     *
     * @param wanted takes their names
     * @param read reads them
     */
    public static SortedMap<String, InputFile> at(Path path, Predicate<String> wanted, Function<Path, InputFile> read) {
        SortedMap<String, InputFile> files = new TreeMap<>();
        if (Files.isRegularFile(path)) {
            files.put(ITSELF, read.apply(path));
        } else {
            for (String name : names(path)) {
                if (wanted.test(name)) {
                    files.put(name, read.apply(path.resolve(name)));
                }
            }
        }
        return files;
    }

    private static Iterable<String> names(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Set.of();
        }
        try (Stream<Path> all = Files.find(folder, DEEPEST, (file, attributes) -> isOfModel(file))) {
            return all.map(file -> folder.relativize(file).toString().replace('\\', '/'))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw OutputException.reading(folder, e);
        }
    }

    private static boolean isOfModel(Path file) {
        String name = file.getFileName().toString();
        // A link to a file counts as a file: caches of models are made of them.
        return OF_MODELS.contains(name.substring(name.lastIndexOf('.') + 1)) && Files.isRegularFile(file);
    }
}
