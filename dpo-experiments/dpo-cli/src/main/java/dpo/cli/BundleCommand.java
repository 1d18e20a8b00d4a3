package dpo.cli;

import dpo.report.bundle.Bundle;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dpo bundle}. */
@Command(
        name = "bundle",
        mixinStandardHelpOptions = true,
        description = {
            "Writes the results of a sweep or run folder as one archive that others can check by dpo verify.",
            "It holds configs, records, metrics, pairs, tables, figures and report, the hashes of the data, a"
                    + " description as a data set (Croissant) and the program's libraries (CycloneDX)."
        })
final class BundleCommand implements Callable<Integer> {

    @Parameters(paramLabel = "DIR", description = "Folder of a sweep or of a run.")
    private Path folder = Path.of("");

    @Option(names = "--out", required = true, paramLabel = "FILE.zip", description = "The archive.")
    private Path out = Path.of("");

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    @Option(
            names = "--with-data",
            description = "Add the data files. Whether their licences allow you to pass them on is for you to know.")
    private boolean withData;

    @Option(names = "--with-models", description = "Add the trained models.")
    private boolean withModels;

    @Override
    public Integer call() {
        overwrite.requireWritable(out);
        Bundle.Written written =
                UserErrors.asInvalidInput(() -> Bundle.write(folder, out, new Bundle.Parts(withData, withModels)));
        Console console = Console.standard();
        written.notices().forEach(console::print);
        if (withData) {
            console.print("the archive has the data files; their licences may not allow to pass them on");
        }
        System.out.println(out + ": " + written.entries() + " entries, " + written.bytes() + " bytes, SHA-256 "
                + written.sha256());
        return 0;
    }
}
