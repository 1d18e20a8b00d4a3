package dpo.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The folders in which the inputs of runs are searched. */
final class InputFolders {

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Folder that is searched for data, tokenizers and models whose paths are gone or whose content"
                            + " has changed; they are found by SHA-256. Repeatable.")
    private List<Path> folders = new ArrayList<>();

    /** The folders, in their order. */
    List<Path> paths() {
        return List.copyOf(folders);
    }
}
