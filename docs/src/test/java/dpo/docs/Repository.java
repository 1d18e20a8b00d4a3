package dpo.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The checkout that the tests run in. */
final class Repository {

    private static final Path ROOT = root();

    private Repository() {}

    /** A path from the top folder. */
    static Path path(String relative) {
        return ROOT.resolve(relative);
    }

    /** The page of that path from the top folder. */
    static Page page(String relative) {
        return new Page(path(relative), text(path(relative)));
    }

    /** Every page: those of the top folder and those of docs. */
    static List<Page> pages() {
        Stream<Path> top = files(ROOT, 1).stream();
        Stream<Path> docs = files(path("docs"), Integer.MAX_VALUE).stream().filter(file -> !isBuilt(file));
        return Stream.concat(top, docs)
                .filter(file -> file.toString().endsWith(".md"))
                .map(file -> new Page(file, text(file)))
                .toList();
    }

    /** Every Java source of the modules. */
    static List<Path> sources() {
        return files(ROOT, Integer.MAX_VALUE).stream()
                .filter(file -> file.toString().endsWith(".java") && !isBuilt(file))
                .toList();
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> files(Path folder, int depth) {
        try (Stream<Path> files = Files.walk(folder, depth)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isBuilt(Path file) {
        return ROOT.relativize(file).toString().matches(".*\\b(target|runs)\\b.*");
    }

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/pom.xml"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
