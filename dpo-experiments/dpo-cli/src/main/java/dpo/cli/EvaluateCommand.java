package dpo.cli;

import dpo.harness.config.Backends;
import dpo.harness.config.ConfigValue;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.evaluation.EvaluatedPolicy;
import dpo.harness.evaluation.NamedObjective;
import dpo.harness.evaluation.PolicyEvaluation;
import dpo.harness.run.StoredScores;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.Json;
import dpo.report.evaluation.EvaluationTables;
import dpo.report.results.TableFormat;
import dpo.train.ScoredSet;
import dpo.train.StopRequested;
import java.io.BufferedWriter;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code dpo evaluate}. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        description = {
            "Evaluates a policy on preference data: accuracy, margins, losses, calibration and divergence from a"
                    + " reference, with 95 %% intervals, by data set and preference source.",
            "Without --data, the evaluation sets of the run are used; the numbers are then those of its last"
                    + " evaluation."
        })
final class EvaluateCommand implements Callable<Integer> {

    @ParentCommand
    private @Nullable DpoCommand dpo;

    @Mixin
    private EvaluatedOptions evaluated = new EvaluatedOptions();

    @Mixin
    private EvaluationDataOptions data = new EvaluationDataOptions();

    @Option(
            names = "--loss",
            paramLabel = "YAML",
            description =
                    "An objective as objective.preference in a config, e.g. '{type: hinge, beta: 0.1}', or a whole"
                            + " objective section. Repeatable. Default: that of the run; for a model '{type: sigmoid, beta:"
                            + " 0.1}' with --reference, without it '{type: cpo}' (ranks by the sum of log-probs) and"
                            + " '{type: simpo}' (by their mean).")
    private List<String> losses = new ArrayList<>();

    @Option(
            names = "--print",
            paramLabel = "FORMAT",
            description =
                    "${COMPLETION-CANDIDATES}; all but TABLE have one row per number. Default:" + " ${DEFAULT-VALUE}.")
    private TableFormat format = TableFormat.TABLE;

    @Option(
            names = "--out",
            paramLabel = "FILE.jsonl",
            description = "Also write the log-probs of each pair, in the form of a run's pairs.jsonl.")
    private Optional<Path> out = Optional.empty();

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    @Override
    public Integer call() {
        out.ifPresent(overwrite::requireWritable);
        Backends backends = Backends.onClassPath();
        Console console = Console.standard();
        EvaluatedPolicy policy = data.applyTo(evaluated.policy(backends));
        Optional<ExperimentConfig> reference = evaluated.reference(policy, backends);
        List<NamedObjective> objectives = objectives(policy, reference.isPresent());
        PolicyEvaluation evaluation = new PolicyEvaluation(backends, policy, reference, objectives);
        evaluation.notices().forEach(console::print);
        return Objects.requireNonNull(dpo)
                .stop()
                .guard(console, stopRequested -> run(evaluation, policy, console, stopRequested));
    }

    private int run(
            PolicyEvaluation evaluation, EvaluatedPolicy policy, Console console, BooleanSupplier stopRequested) {
        try {
            PolicyEvaluation.Result result = UserErrors.asInvalidInput(() -> evaluation.run(console, stopRequested));
            console.end();
            DataSummary.lines(result.provenance()).forEach(console::print);
            out.ifPresent(
                    file -> write(file, policy.step(), result.scored().get(0).sets()));
            EvaluationTables tables =
                    EvaluationTables.of(result, policy.config().metrics());
            System.out.print(format == TableFormat.TABLE ? tables.text() : format.render(tables.tidy()));
            return 0;
        } catch (StopRequested stop) {
            return ErrorMessages.INTERRUPTED;
        } finally {
            console.end();
        }
    }

    private List<NamedObjective> objectives(EvaluatedPolicy policy, boolean hasReference) {
        if (!losses.isEmpty()) {
            return losses.stream().distinct().map(EvaluateCommand::objective).toList();
        }
        if (policy.isRun()) {
            return List.of(
                    new NamedObjective("of the run", policy.config().objective().loss()));
        }
        List<String> defaults =
                hasReference ? List.of("{type: sigmoid, beta: 0.1}") : List.of("{type: cpo}", "{type: simpo}");
        return defaults.stream().map(EvaluateCommand::objective).toList();
    }

    private static NamedObjective objective(String yaml) {
        return new NamedObjective(yaml, ConfigValue.objective(yaml, "--loss"));
    }

    private static void write(Path file, int step, List<ScoredSet> sets) {
        DurableFiles.createParent(file);
        DurableFiles.replace(file, channel -> {
            Writer writer = new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8));
            for (ScoredSet set : sets) {
                for (StoredScores scores : StoredScores.of(step, set)) {
                    writer.write(Json.line(scores) + "\n");
                }
            }
            writer.flush();
        });
    }
}
