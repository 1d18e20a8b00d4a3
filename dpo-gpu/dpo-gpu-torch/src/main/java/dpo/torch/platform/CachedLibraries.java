package dpo.torch.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import org.bytedeco.javacpp.Loader;

/**
 * The native libraries that JavaCPP unpacks from jars into its cache, {@code ~/.javacpp/cache}, at their first use. A
 * process that is killed while it unpacks a library leaves a truncated file. JavaCPP would replace that file later, but
 * the linker maps it earlier, as a dependency of another library, and the process crashes.
 */
final class CachedLibraries {

    private CachedLibraries() {}

    /**
     * Completes libtorch and OpenBLAS in the cache before any library is loaded: files that are missing, or differ in
     * size or time from those in the jar, are unpacked.
     *
     * @throws UncheckedIOException if the cache cannot be written
     */
    static void complete() {
        for (String platform : List.of(Loader.getPlatform(), Loader.getPlatform() + "-gpu")) {
            complete("org/bytedeco/openblas/" + platform + "/", "jniopenblas");
            complete("org/bytedeco/pytorch/" + platform + "/", "jnitorch");
        }
    }

    private static void complete(String folder, String library) {
        URL known = CachedLibraries.class.getClassLoader().getResource(folder + System.mapLibraryName(library));
        if (known == null) {
            return; // of another platform
        }
        try {
            if (known.openConnection() instanceof JarURLConnection jar) {
                for (ZipEntry entry : Collections.list(jar.getJarFile().entries())) {
                    String name = entry.getName();
                    if (!entry.isDirectory()
                            && name.lastIndexOf('/') + 1 == folder.length()
                            && name.startsWith(folder)) {
                        Loader.cacheResource(new URL("jar:" + jar.getJarFileURL() + "!/" + name));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unpack native libraries: " + e, e);
        }
    }
}
