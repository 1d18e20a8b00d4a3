package dpo.report.bundle;

import dpo.harness.store.OutputException;
import dpo.harness.store.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The hash of a file of any length. */
final class HashedFile {

    private static final int BUFFER = 1 << 16;

    private HashedFile() {}

    /** The SHA-256 of a file's content, in hexadecimal. */
    static String sha256(Path file) {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(file)) {
            int read;
            while ((read = in.read(buffer)) >= 0) {
                digest.update(buffer, 0, read);
            }
        } catch (IOException e) {
            throw OutputException.reading(file, e);
        }
        return Sha256.hex(digest.digest());
    }

    /** The regular files below some folders, by their hashes. */
    static Map<String, Path> below(List<Path> folders) {
        Map<String, Path> files = new TreeMap<>();
        for (Path folder : folders) {
            try (Stream<Path> all = Files.walk(folder)) {
                all.filter(Files::isRegularFile).sorted().forEach(file -> files.putIfAbsent(sha256(file), file));
            } catch (IOException e) {
                throw OutputException.reading(folder, e);
            }
        }
        return files;
    }
}
