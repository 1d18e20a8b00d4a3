package dpo.cli;

import dpo.core.InvalidInputException;
import dpo.core.backend.Policy;
import dpo.harness.store.DurableFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dpo merge}. */
@Command(
        name = "merge",
        mixinStandardHelpOptions = true,
        description = "Merges an adapter into its model and writes the result as a model.")
final class MergeCommand implements Callable<Integer> {

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "Folder of the merged model; must not exist.")
    private Path out = Path.of("");

    @Override
    public Integer call() {
        if (model.adapter().isEmpty()) {
            throw new InvalidInputException("--adapter must be given, got none");
        }
        if (Files.exists(out)) {
            throw new InvalidInputException("--out must not exist, got " + out);
        }
        try (Policy policy = model.open(model.backend())) {
            DurableFiles.createParent(out);
            DurableFiles.writeFolder(out, policy::saveModel);
        }
        return 0;
    }
}
