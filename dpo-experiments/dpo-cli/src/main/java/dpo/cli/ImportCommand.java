package dpo.cli;

import dpo.harness.peer.PeerConfig;
import dpo.harness.peer.Translation;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.OutputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dpo import}. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = {
            "Translates another system's DPO configuration: TRL's (YAML or JSON) or NeMo RL's dpo.yaml.",
            "Differences, and keys without a counterpart, are printed to stderr and written as comments."
        })
final class ImportCommand implements Callable<Integer> {

    @Parameters(paramLabel = "FILE", description = "The configuration to translate.")
    private Path file = Path.of("");

    @Option(names = "--out", paramLabel = "CONFIG.yaml", description = "Output file. Default: stdout.")
    private Optional<Path> out = Optional.empty();

    @Override
    public Integer call() {
        out.ifPresent(path -> {
            if (Files.isDirectory(path)
                    || path.toAbsolutePath()
                            .normalize()
                            .equals(file.toAbsolutePath().normalize())) {
                throw new OutputException("--out must be a file other than the one that is read, got " + path);
            }
        });
        Translation translation = PeerConfig.translate(file);
        Console console = Console.standard();
        console.print(translation.origin());
        translation.notes().forEach(console::print);
        if (out.isPresent()) {
            DurableFiles.write(out.get(), translation.document());
        } else {
            System.out.print(translation.document());
        }
        return 0;
    }
}
