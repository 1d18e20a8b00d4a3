package dpo.harness.config;

import java.nio.file.Path;

/**
 * The location of a value in a configuration file.
 *
 * @param source name of the file, or of the command-line option
 * @param line line from 1; 0 if the source has no lines
 * @param column column from 1; 0 if the source has no lines
 * @param folder folder against which relative paths are resolved
 */
public record Place(String source, int line, int column, Path folder) {

    /** The same location with another folder for relative paths. */
    Place within(Path other) {
        return new Place(source, line, column, other);
    }

    @Override
    public String toString() {
        String shown = MessageText.shortened(source);
        return line == 0 ? shown : shown + ":" + line + ":" + column;
    }
}
