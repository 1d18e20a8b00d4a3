package dpo.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
        Stream<Path> docs = files(path("docs"), Integer.MAX_VALUE).stream();
        return Stream.concat(top, docs)
                .filter(file -> file.toString().endsWith(".md"))
                .map(file -> new Page(file, text(file)))
                .toList();
    }

    /** Every Java source of the modules. */
    static List<Path> sources() {
        return files(ROOT, Integer.MAX_VALUE).stream()
                .filter(file -> file.toString().endsWith(".java"))
                .toList();
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Folders that a build writes are not entered: their files come and go while the tests run. */
    private static List<Path> files(Path folder, int depth) {
        List<Path> files = new ArrayList<>();
        try {
            Files.walkFileTree(folder, Set.of(), depth, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path inner, BasicFileAttributes attributes) {
                    return isBuilt(inner) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (attributes.isRegularFile()) {
                        files.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files.stream().sorted().toList();
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
