package dpo.cli;

import dpo.core.InvalidInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that allows a command to replace the file of its option {@code --out}. */
final class OverwriteOption {

    @Option(names = "--overwrite", description = "Replace the file of --out if it exists.")
    private boolean overwrite;

    /** Requires that a file can be written without a loss that nobody asked for; before anything is computed. */
    void requireWritable(Path out) {
        if (Files.isDirectory(out)) {
            throw new InvalidInputException("--out must be a file, got a folder (" + out + ")");
        }
        if (!overwrite && Files.exists(out)) {
            throw new InvalidInputException("--out must not exist, got " + out + "; --overwrite replaces it");
        }
        Path folder = out.toAbsolutePath().getParent();
        while (folder != null && !Files.exists(folder)) {
            folder = folder.getParent();
        }
        if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
            throw new InvalidInputException("--out must be in a folder that is writable, got " + out);
        }
    }
}
