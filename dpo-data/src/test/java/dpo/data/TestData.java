package dpo.data;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;

/** The files of the tests. */
public final class TestData {

    private TestData() {}

    /** A file or folder of the test resources. */
    public static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(TestData.class.getResource("/" + name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * A shared file that is too large for the repository, in the folder of the system property {@code dpo.shared}, or in
     * {@code shared} beside a parent folder; without it, the test is skipped.
     */
    public static Path shared(String name) {
        Path folder = Path.of(System.getProperty("dpo.shared", ""));
        if (folder.toString().isEmpty()) {
            for (Path up = Path.of("").toAbsolutePath(); up != null; up = up.getParent()) {
                if (Files.isDirectory(up.resolve("shared"))) {
                    folder = up.resolve("shared");
                    break;
                }
            }
        }
        Path file = folder.resolve(name);
        Assumptions.assumeTrue(Files.exists(file), "needs " + name + " of the shared data (-Ddpo.shared=FOLDER)");
        return file;
    }
}
