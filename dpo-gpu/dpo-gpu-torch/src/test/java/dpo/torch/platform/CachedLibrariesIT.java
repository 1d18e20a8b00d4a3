package dpo.torch.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dpo.core.backend.Availability;
import dpo.torch.tensor.TorchDevice;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachedLibrariesIT {

    @TempDir
    private Path cache;

    /** Loads libtorch, in a separate process. */
    public static void main(String[] arguments) {
        System.out.println(NativeLibrary.availability(new TorchDevice("cpu")));
    }

    @Test
    void libraries_that_a_killed_process_left_incomplete_are_unpacked_again() throws Exception {
        assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
        assertThat(NativeLibrary.availability(new TorchDevice("cpu"))).isEqualTo(new Availability.Available());
        copyCache();
        for (String library : List.of("libtorch_cpu.so", "libopenblas.so.0")) {
            Path file = find(library);
            long whole = Files.size(file);
            try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
                channel.truncate(whole / 7);
            }
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Dorg.bytedeco.javacpp.cachedir=" + cache,
                            "-cp",
                            System.getProperty("java.class.path"),
                            CachedLibrariesIT.class.getName())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            assertThat(output).contains("Available[]");
            assertThat(file).hasSize(whole);
        }
    }

    private Path find(String library) throws IOException {
        try (var files = Files.walk(cache)) {
            return files.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .filter(file -> file.endsWith(library))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private void copyCache() throws IOException {
        Path original = Loader.getCacheDir().toPath();
        for (File jar : original.toFile().listFiles((folder, name) -> name.matches("(javacpp|openblas|pytorch)-.*"))) {
            Files.walkFileTree(jar.toPath(), new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Path copy = cache.resolve(original.relativize(file));
                    Files.createDirectories(copy.getParent());
                    Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
                    return FileVisitResult.CONTINUE;
                }
            });
        }
    }
}
