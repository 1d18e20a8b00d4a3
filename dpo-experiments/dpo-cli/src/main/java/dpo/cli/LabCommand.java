package dpo.cli;

import dpo.harness.config.ConfigValue;
import dpo.harness.store.Json;
import dpo.lab.Claim;
import dpo.lab.Experiment;
import dpo.lab.Experiments;
import dpo.lab.Outcome;
import dpo.lab.Verification;
import dpo.report.results.TableFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dpo lab}. */
@Command(
        name = "lab",
        mixinStandardHelpOptions = true,
        description = "Runs the claims of DPO theory as experiments with verdicts.",
        subcommands = {LabCommand.ListAll.class, LabCommand.Run.class, LabCommand.Verify.class},
        synopsisSubcommandLabel = "COMMAND")
final class LabCommand {

    private static final int DIFFERENT = 1;

    /** {@code dpo lab list}. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists the experiments: claim, source, verdict, settings with defaults.")
    static final class ListAll implements Callable<Integer> {

        @Override
        public Integer call() {
            for (Class<? extends Experiment> experiment : Experiments.all()) {
                Claim claim = Experiment.claim(experiment);
                System.out.println(claim.name() + ": " + claim.verdict().key());
                System.out.println("    claim     " + claim.claim());
                System.out.println("    source    " + claim.source());
                SettingLines.print(Experiment.settings(experiment), "    ");
            }
            return 0;
        }
    }

    /** {@code dpo lab run}. */
    @Command(
            name = "run",
            mixinStandardHelpOptions = true,
            description = {
                "Runs one experiment; prints its quantities, with the values that theory predicts, and its verdict.",
                "Exit code 1 if a quantity differs from its prediction."
            })
    static final class Run implements Callable<Integer> {

        /** The formats of an outcome. */
        enum Format {
            TABLE,
            JSON
        }

        @Parameters(paramLabel = "NAME", description = "An experiment of dpo lab list, or the class of your own.")
        private String name = "";

        @Option(
                names = "--set",
                paramLabel = "KEY=VALUE",
                description = "A setting of the experiment; the value is YAML, e.g. 'rewards=[0, 2, 1]'. Repeatable.")
        private List<String> settings = new ArrayList<>();

        @Option(
                names = "--format",
                paramLabel = "FORMAT",
                description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
        private Format format = Format.TABLE;

        @Override
        public Integer call() {
            Class<? extends Experiment> type = Experiments.named(name);
            Record experiment = ConfigValue.settings(Experiment.settings(type), KeyValues.of("--set", settings));
            Outcome outcome = UserErrors.asInvalidInput(((Experiment) experiment)::run);
            if (format == Format.JSON) {
                System.out.println(Json.line(new Output(
                        Experiment.claim(type).name(),
                        ConfigValue.written(experiment),
                        values(outcome),
                        outcome.verdict().key(),
                        outcome.statement())));
            } else {
                System.out.println("claim: " + Experiment.claim(type).claim());
                System.out.print(TableFormat.TABLE.render(Verification.quantities(outcome)));
                System.out.println("verdict: " + outcome.verdict().key());
                System.out.println(outcome.statement());
            }
            return outcome.disagreements().isEmpty() ? 0 : DIFFERENT;
        }
    }

    /** {@code dpo lab verify}. */
    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = {
                "Runs every experiment with its default settings; prints claim, quantities, predictions, verdict; writes"
                        + " report.html with figures.",
                "Exit code 1 if a quantity differs from its prediction or a verdict from the known one."
            })
    static final class Verify implements Callable<Integer> {

        @Option(
                names = "--out",
                paramLabel = "DIR",
                description = "Folder of report.html and the figures. Default: ${DEFAULT-VALUE}.")
        private Path folder = Path.of("lab");

        @Override
        public Integer call() {
            List<Verification.Result> results = new ArrayList<>();
            for (Class<? extends Experiment> type : Experiments.all()) {
                Record experiment = ConfigValue.settings(Experiment.settings(type), Map.of());
                long begin = System.nanoTime();
                Verification.Result result = new Verification.Result(
                        Experiment.claim(type),
                        ConfigValue.written(experiment),
                        ((Experiment) experiment).run(),
                        (System.nanoTime() - begin) / 1e9);
                print(result);
                results.add(result);
            }
            Verification verification = new Verification(results);
            System.out.println(verification.summary());
            Console.standard().print("report: " + verification.write(folder));
            return verification.different().isEmpty() ? 0 : DIFFERENT;
        }

        private static void print(Verification.Result result) {
            System.out.println(result.claim().name() + ": " + result.claim().claim());
            System.out.print(TableFormat.TABLE.render(Verification.quantities(result.outcome())));
            System.out.printf(Locale.ROOT, "verdict: %s (%.1f s)%n%n", result.verdict(), result.seconds());
        }
    }

    private record Output(
            String experiment,
            Map<String, Object> settings,
            Map<String, Object> quantities,
            String verdict,
            String statement) {}

    private static Map<String, Object> values(Outcome outcome) {
        Map<String, Object> values = new LinkedHashMap<>();
        outcome.quantities()
                .forEach(quantity -> values.put(
                        quantity.name(),
                        quantity.isList()
                                ? quantity.measured()
                                : quantity.measured().get(0)));
        return Collections.unmodifiableMap(values);
    }
}
