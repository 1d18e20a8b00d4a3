package dpo.nd4j;

import dpo.core.backend.CompanionFiles;
import dpo.nd4j.network.NetworkPlan;
import dpo.nd4j.network.NetworkState;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A saved network: a folder with its zip, its longest sequence and its tokenizer files, or the zip alone.
 *
 * @param path of the folder or of the zip
 */
record NetworkFolder(Path path) {

    private static final String ZIP = "network.zip";
    private static final String PROPERTIES = "network.properties";
    private static final String MAX_LENGTH = "max_length";

    private Path zip() {
        return Files.isDirectory(path) ? path.resolve(ZIP) : path;
    }

    /** Structure and parameters; see {@link NetworkState#read}. */
    NetworkState read(DataType dataType) {
        return NetworkState.read(zip(), dataType);
    }

    /** Parameters of a network of a known structure; see {@link NetworkState#readAs}. */
    NetworkState readAs(NetworkPlan plan, DataType dataType) {
        return NetworkState.readAs(plan, zip(), dataType);
    }

    /** Classes of the network that are not Deeplearning4j's own. */
    Set<Class<?>> ownClasses() {
        return NetworkState.plan(zip()).ownClasses();
    }

    /** The tokenizer files; none beside a single zip. */
    CompanionFiles companions() {
        return Files.isDirectory(path) ? CompanionFiles.ofModel(path) : new CompanionFiles(Map.of());
    }

    /** The longest sequence, if the folder says it. */
    Optional<Integer> maxLength() {
        Path file = path.resolve(PROPERTIES);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            Properties properties = new Properties();
            properties.load(new StringReader(Files.readString(file)));
            String length = properties.getProperty(MAX_LENGTH, "nothing");
            if (!length.matches("\\d{1,9}")) {
                throw new IllegalArgumentException(MAX_LENGTH + " must be a number, got " + length + " (" + file + ")");
            }
            return Optional.of(Integer.valueOf(length));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e, e);
        }
    }

    /** Writes a network into this folder, which must be empty. */
    void write(NetworkState network, int maxLength, CompanionFiles companions) {
        companions.with(PROPERTIES, MAX_LENGTH + "=" + maxLength + "\n").write(path);
        network.write(path.resolve(ZIP));
    }
}
