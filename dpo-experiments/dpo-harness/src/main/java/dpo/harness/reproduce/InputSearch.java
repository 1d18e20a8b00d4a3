package dpo.harness.reproduce;

import dpo.harness.store.InputFile;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;

/** Finds the inputs of a run by their content: at their old places, else anywhere in given folders. */
final class InputSearch {

    /** The length of a file of which only the hash is known. */
    static final long UNKNOWN = -1;

    private final List<Path> files = new ArrayList<>();
    private final List<Path> folders = new ArrayList<>();

    /**
     * An input that was found.
     *
     * @param recorded its path in the run's configuration
     * @param place where it is now
     * @param isSame whether it has the recorded content
     */
    record Found(Path recorded, Path place, boolean isSame) {}

    /** Lists everything below the given folders. */
    InputSearch(List<Path> given) {
        for (Path folder : given) {
            try {
                Files.walkFileTree(folder.toAbsolutePath().normalize(), new Listing());
            } catch (IOException e) {
                throw new IllegalStateException("the listing skips what it cannot read", e);
            }
        }
        files.sort(Comparator.naturalOrder());
        folders.sort(Comparator.naturalOrder());
    }

    private final class Listing extends SimpleFileVisitor<Path> {

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            folders.add(folder);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            files.add(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException unreadable) {
            return FileVisitResult.CONTINUE;
        }
    }

    /** The number of files that are searched. */
    int size() {
        return files.size();
    }

    /**
     * The input with the recorded content; else the one at its old place or with its name, whose content differs.
     *
     * @param content its files by name as {@link InputFile#at} has them; empty if none was recorded
     */
    Optional<Found> find(Path recorded, SortedMap<String, InputFile> content) {
        boolean isThere = Files.exists(recorded);
        if (isThere && holds(recorded, content)) {
            return Optional.of(new Found(recorded, recorded, true));
        }
        if (!content.isEmpty()) {
            Optional<Found> same = candidates(content)
                    .sorted(Comparator.comparing((Path path) -> !hasName(path, recorded)))
                    .filter(path -> holds(path, content))
                    .findFirst()
                    .map(path -> new Found(recorded, path, true));
            if (same.isPresent()) {
                return same;
            }
        }
        return isThere
                ? Optional.of(new Found(recorded, recorded, false))
                : candidates(content)
                        .filter(path -> hasName(path, recorded))
                        .findFirst()
                        .map(path -> new Found(recorded, path, content.isEmpty()));
    }

    /** The files or the folders, whichever the input is. */
    private Stream<Path> candidates(SortedMap<String, InputFile> content) {
        return content.isEmpty()
                ? Stream.concat(folders.stream(), files.stream())
                : (content.containsKey(InputFile.ITSELF) ? files : folders).stream();
    }

    private static boolean hasName(Path path, Path recorded) {
        return recorded.getFileName() != null && recorded.getFileName().equals(path.getFileName());
    }

    private static boolean holds(Path path, SortedMap<String, InputFile> content) {
        return content.entrySet().stream().allMatch(file -> hasLength(file(path, file), file.getValue()))
                && content.entrySet().stream().allMatch(file -> InputFile.of(file(path, file))
                        .sha256()
                        .equals(file.getValue().sha256()));
    }

    private static Path file(Path path, Map.Entry<String, InputFile> file) {
        return file.getKey().equals(InputFile.ITSELF) ? path : path.resolve(file.getKey());
    }

    private static boolean hasLength(Path file, InputFile wanted) {
        try {
            return Files.isRegularFile(file)
                    && Files.isReadable(file)
                    && (wanted.bytes() == UNKNOWN || Files.size(file) == wanted.bytes());
        } catch (IOException gone) {
            return false;
        }
    }
}
