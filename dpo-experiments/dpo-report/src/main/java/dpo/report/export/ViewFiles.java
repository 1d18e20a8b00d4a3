package dpo.report.export;

import dpo.core.InvalidInputException;
import dpo.harness.store.DurableFiles;
import dpo.report.results.CopyFormat;
import dpo.report.results.Results;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/** Writes the views of {@link Results} to files, one each, named after the view. */
public final class ViewFiles {

    private ViewFiles() {}

    /**
     * Writes all views. Each file is replaced atomically.
     *
     * @param folder the folder of the files, which is created if it does not exist
     * @param overwrite whether to replace files that exist
     * @return the files
     * @throws InvalidInputException if a file exists and must not be replaced; then none is written
     */
    public static List<Path> write(Results results, CopyFormat format, Path folder, boolean overwrite) {
        if (!overwrite) {
            for (String view : Results.views()) {
                Path file = file(folder, view, format);
                if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                    throw new InvalidInputException(
                            "output file must not exist, got " + file + "; --overwrite replaces it");
                }
            }
        }
        DurableFiles.createFolder(folder);
        for (String view : Results.views()) {
            DurableFiles.replaceByFile(file(folder, view, format), path -> results.copy(view, format, path));
        }
        return Results.views().stream().map(view -> file(folder, view, format)).toList();
    }

    private static Path file(Path folder, String view, CopyFormat format) {
        return folder.resolve(view + "." + format.extension());
    }
}
