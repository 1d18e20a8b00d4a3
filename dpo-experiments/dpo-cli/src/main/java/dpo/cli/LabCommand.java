package dpo.cli;

import dpo.harness.config.ConfigValue;
import dpo.harness.store.Json;
import dpo.lab.Claim;
import dpo.lab.Experiment;
import dpo.lab.Experiments;
import dpo.lab.Outcome;
import dpo.lab.Quantity;
import dpo.lab.Verdict;
import dpo.report.results.Table;
import dpo.report.results.TableFormat;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
                System.out.print(TableFormat.TABLE.render(new Table(QUANTITY_COLUMNS, rows(outcome))));
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
                "Runs every experiment with its default settings and prints claim, quantities, predictions, verdict.",
                "Exit code 1 if a quantity differs from its prediction or a verdict from the known one."
            })
    static final class Verify implements Callable<Integer> {

        @Override
        public Integer call() {
            int different = 0;
            for (Class<? extends Experiment> type : Experiments.all()) {
                Claim claim = Experiment.claim(type);
                Experiment experiment = (Experiment) ConfigValue.settings(Experiment.settings(type), Map.of());
                Outcome outcome = experiment.run();
                System.out.println(claim.name() + ": " + claim.claim());
                System.out.print(TableFormat.TABLE.render(new Table(QUANTITY_COLUMNS, rows(outcome))));
                boolean agrees = outcome.disagreements().isEmpty() && outcome.verdict() == claim.verdict();
                System.out.println("verdict: " + outcome.verdict().key() + described(claim.verdict(), outcome));
                System.out.println();
                different += agrees ? 0 : 1;
            }
            System.out.println(
                    different == 0
                            ? "all " + Experiments.all().size() + " experiments agree with theory"
                            : different + " of " + Experiments.all().size() + " experiments do not agree with theory");
            return different == 0 ? 0 : DIFFERENT;
        }

        private static String described(Verdict known, Outcome outcome) {
            return outcome.verdict() == known ? "" : " (DIFFERENT: it is known to be " + known.key() + ")";
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

    private static final List<String> QUANTITY_COLUMNS =
            List.of("quantity", "measured", "expected", "agrees", "meaning");

    private static List<List<@Nullable Object>> rows(Outcome outcome) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (Quantity quantity : outcome.quantities()) {
            List<@Nullable Object> row = new ArrayList<>();
            row.add(quantity.name());
            row.add(quantity.measuredText());
            row.add(quantity.expectedText());
            row.add(quantity.isPredicted() ? (quantity.agrees() ? "yes" : "NO") : "");
            row.add(quantity.meaning());
            rows.add(row);
        }
        return rows;
    }
}
