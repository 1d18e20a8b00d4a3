package dpo.cli;

import dpo.report.export.MlflowExport;
import dpo.report.export.ViewFiles;
import dpo.report.results.CopyFormat;
import dpo.report.results.Results;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
        subcommands = {ExportCommand.Parquet.class, ExportCommand.Csv.class, ExportCommand.Mlflow.class},
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

    /** {@code dpo export mlflow}. */
    @Command(
            name = "mlflow",
            mixinStandardHelpOptions = true,
            description = {
                "Writes each run to an MLflow server: settings, all metrics of all steps, tags, config, record, report.",
                "Repeat it at any time: it sends what the server does not have, one MLflow run for each run.",
                "A server with authentication: set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and"
                        + " MLFLOW_TRACKING_PASSWORD."
            })
    static final class Mlflow implements Callable<Integer> {

        @Parameters(paramLabel = "DIR", description = "Folder of a sweep or of a run.")
        private Path folder = Path.of("");

        @Option(
                names = "--server",
                required = true,
                paramLabel = "URL",
                description = "Address of the server, such as http://localhost:5000.")
        private URI server = URI.create("");

        @Option(
                names = "--experiment",
                paramLabel = "NAME",
                description = "Experiment in MLflow. Default: the name in the config.")
        private Optional<String> experiment = Optional.empty();

        @Override
        public Integer call() {
            Console console = Console.standard();
            MlflowExport.Outcome outcome = UserErrors.asInvalidInput(() -> MlflowExport.write(
                    folder, server, experiment, authorization(System.getenv()), id -> console.print("exported " + id)));
            outcome.notices().forEach(console::print);
            System.out.println(outcome.created() + " created, " + outcome.updated() + " updated, " + outcome.unchanged()
                    + " already there, " + outcome.left() + " left out");
            return outcome.left() == 0 ? 0 : ErrorMessages.FAILED;
        }

        /** The header that MLflow's own client sends with these variables of the environment. */
        static Optional<String> authorization(Map<String, String> environment) {
            String token = environment.getOrDefault("MLFLOW_TRACKING_TOKEN", "");
            String user = environment.getOrDefault("MLFLOW_TRACKING_USERNAME", "");
            String password = environment.getOrDefault("MLFLOW_TRACKING_PASSWORD", "");
            if (!user.isEmpty()) {
                byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
                return Optional.of("Basic " + Base64.getEncoder().encodeToString(pair));
            }
            return token.isEmpty() ? Optional.empty() : Optional.of("Bearer " + token);
        }
    }
}
