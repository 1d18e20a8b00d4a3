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
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;

/**
 * The hash of the code that computes a run: the SHA-256 of class files without their debug attributes.
 *
 * <p>A run is therefore computed again if a loss is edited, whether or not the change is committed, but not if a
 * comment or the report is edited. Each package is read once, since thousands of cells may share it.
 */
public final class CodeVersion {

    private final Map<Part, SortedMap<String, String>> known = new ConcurrentHashMap<>();
    private final Map<Map<Class<?>, String>, String> hashes = new ConcurrentHashMap<>();

    /**
     * A part of the code.
     *
     * @param source its jar or folder
     * @param prefix begin of the names of its class files
     */
    private record Part(Path source, String prefix) {

        /** The part of a class in a package and below it, or of a class in the default package and its nested ones. */
        static Part of(Class<?> anchor, String packageName) {
            return new Part(
                    CodeVersion.source(anchor),
                    packageName.isEmpty() ? outermost(anchor).getName() : packageName.replace('.', '/') + "/");
        }

        private static Class<?> outermost(Class<?> type) {
            Class<?> outer = type;
            while (outer.getEnclosingClass() != null) {
                outer = outer.getEnclosingClass();
            }
            return outer;
        }

        boolean holds(String name) {
            boolean isWithin = prefix.endsWith("/")
                    || name.startsWith(".class", prefix.length())
                    || name.startsWith("$", prefix.length());
            return name.startsWith(prefix) && isWithin && name.endsWith(".class");
        }
    }

    /** The hash of all class files in the given packages and below them. */
    String of(Map<Class<?>, String> packages) {
        return hashes.computeIfAbsent(
                Map.copyOf(packages), each -> Sha256.of(digests(packages).toString()));
    }

    /**
     * The hash of each class file in the given packages and below them, by the file's name.
     *
     * @param packages for each part of the code, a class that locates its jar or folder, and the package; of the
     *     default package only the class with its nested and enclosing ones
     */
    SortedMap<String, String> digests(Map<Class<?>, String> packages) {
        SortedMap<String, String> digests = new TreeMap<>();
        packages.forEach(
                (anchor, name) -> digests.putAll(known.computeIfAbsent(Part.of(anchor, name), CodeVersion::read)));
        return digests;
    }

    private static SortedMap<String, String> read(Part part) {
        SortedMap<String, String> digests = new TreeMap<>();
        try {
            if (Files.isDirectory(part.source())) {
                addFolder(part, digests);
            } else {
                addJar(part, digests);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("class files must be readable (" + part.source() + ")", e);
        }
        return digests;
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

    private static void addFolder(Part part, Map<String, String> digests) throws IOException {
        boolean isPackage = part.prefix().endsWith("/");
        Path folder = isPackage ? part.source().resolve(part.prefix()) : part.source();
        try (var files = Files.walk(folder, isPackage ? Integer.MAX_VALUE : 1)) {
            for (Path file : files.toList()) {
                String name = part.source().relativize(file).toString().replace('\\', '/');
                if (part.holds(name)) {
                    digests.put(name, hash(Files.readAllBytes(file)));
                }
            }
        }
    }

    private static void addJar(Part part, Map<String, String> digests) throws IOException {
        try (JarFile file = new JarFile(part.source().toFile())) {
            for (Enumeration<JarEntry> entries = file.entries(); entries.hasMoreElements(); ) {
                JarEntry entry = entries.nextElement();
                if (part.holds(entry.getName())) {
                    try (InputStream in = file.getInputStream(entry)) {
                        digests.put(entry.getName(), hash(in.readAllBytes()));
                    }
                }
            }
        }
    }
}
