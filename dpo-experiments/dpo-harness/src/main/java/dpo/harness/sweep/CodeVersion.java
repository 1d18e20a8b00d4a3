package dpo.harness.sweep;

import dpo.harness.store.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;

/**
 * The hash of the code that computes a run: the SHA-256 of class files without their debug attributes.
 *
 * <p>A run is therefore computed again if a loss is edited, whether or not the change is committed, but not if a
 * comment or the report is edited.
 */
public final class CodeVersion {

    private CodeVersion() {}

    /**
     * The hash of all class files in the given packages and below them.
     *
     * @param packages for each part of the code, a class that locates its jar or folder, and the package; of the
     *     default package only the class itself
     */
    public static String of(Map<Class<?>, String> packages) {
        TreeMap<String, String> digests = new TreeMap<>();
        for (Map.Entry<Class<?>, String> part : packages.entrySet()) {
            Class<?> anchor = part.getKey();
            String prefix = part.getValue().isEmpty()
                    ? anchor.getName() + ".class"
                    : part.getValue().replace('.', '/') + "/";
            Path source = source(anchor);
            try {
                if (Files.isDirectory(source)) {
                    addFolder(source, prefix, digests);
                } else {
                    addJar(source, prefix, digests);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("class files must be readable (" + source + ")", e);
            }
        }
        return Sha256.of(digests.toString());
    }

    /** The version of this build; {@code development} if it runs from class folders. */
    public static String ofBuild() {
        return Optional.ofNullable(CodeVersion.class.getPackage().getImplementationVersion())
                .orElse("development");
    }

    private static Path source(Class<?> anchor) {
        try {
            return Path.of(
                    anchor.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("a class path entry must be a file: " + anchor, e);
        }
    }

    /** The hash of a class file without line numbers, names of local variables and the like. */
    static String hash(byte[] classFile) {
        ClassWriter stripped = new ClassWriter(0);
        new ClassReader(classFile).accept(stripped, ClassReader.SKIP_DEBUG);
        return Sha256.of(stripped.toByteArray());
    }

    private static void addFolder(Path root, String prefix, Map<String, String> digests) throws IOException {
        Path folder = root.resolve(prefix);
        try (var files = Files.walk(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                String name = root.relativize(file).toString().replace('\\', '/');
                digests.put(name, hash(Files.readAllBytes(file)));
            }
        }
    }

    private static void addJar(Path jar, String prefix, Map<String, String> digests) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            for (Enumeration<JarEntry> entries = file.entries(); entries.hasMoreElements(); ) {
                JarEntry entry = entries.nextElement();
                if (entry.getName().startsWith(prefix) && entry.getName().endsWith(".class")) {
                    try (InputStream in = file.getInputStream(entry)) {
                        digests.put(entry.getName(), hash(in.readAllBytes()));
                    }
                }
            }
        }
    }
}
