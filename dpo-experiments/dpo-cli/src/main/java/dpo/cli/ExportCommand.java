package dpo.cli;

import dpo.report.export.ViewFiles;
import dpo.report.results.CopyFormat;
import dpo.report.results.Results;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dpo export}. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = "Writes results in the forms of other programs.",
        subcommands = {ExportCommand.Parquet.class, ExportCommand.Csv.class},
        synopsisSubcommandLabel = "COMMAND")
final class ExportCommand {

    /** Where the files of views go. */
    private static final class Target {

        @Parameters(paramLabel = "DIR", description = "Folder of a sweep or of a run.")
        private Path folder = Path.of("");

        @Option(
                names = "--out",
                required = true,
                paramLabel = "FOLDER",
                description = "Folder of the files runs, summary, metrics, evaluations, pairs and frontier.")
        private Path out = Path.of("");

        @Option(names = "--overwrite", description = "Replace files that exist.")
        private boolean overwrite;

        int write(CopyFormat format) {
            List<Path> files = UserErrors.asInvalidInput(() -> {
                try (Results results = Results.open(folder)) {
                    results.warnings().forEach(Console.standard()::print);
                    return ViewFiles.write(results, format, out, overwrite);
                }
            });
            files.forEach(System.out::println);
            return 0;
        }
    }

    /** {@code dpo export parquet}. */
    @Command(
            name = "parquet",
            mixinStandardHelpOptions = true,
            description = "Writes each view of dpo results as a Parquet file, for pandas, R, DuckDB and Spark.")
    static final class Parquet implements Callable<Integer> {

        @Mixin
        private Target target = new Target();

        @Override
        public Integer call() {
            return target.write(CopyFormat.PARQUET);
        }
    }

    /** {@code dpo export csv}. */
    @Command(
            name = "csv",
            mixinStandardHelpOptions = true,
            description = {
                "Writes each view of dpo results as a CSV file.",
                "Nested values become columns such as policy.chosen; lists become JSON."
            })
    static final class Csv implements Callable<Integer> {

        @Mixin
        private Target target = new Target();

        @Override
        public Integer call() {
            return target.write(CopyFormat.CSV);
        }
    }
}
