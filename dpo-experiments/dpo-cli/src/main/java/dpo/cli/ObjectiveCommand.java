package dpo.cli;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonInclude;
import dpo.core.InvalidInputException;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.loss.ImplicitReward;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.composed.LengthDesensitized;
import dpo.core.metric.PreferenceMetrics;
import dpo.harness.config.ConfigValue;
import dpo.harness.peer.Translation;
import dpo.harness.peer.TrlObjective;
import dpo.harness.run.LogProbsFile;
import dpo.harness.store.Json;
import dpo.harness.store.PerCompletion;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code dpo objective}. */
@Command(
        name = "objective",
        mixinStandardHelpOptions = true,
        description = {
            "Computes any objective from stored log-probs, without a model; prints one JSON object.",
            "FILE is the pairs.jsonl of a run, the output of dpo logprobs, or lines {\"policy\": {\"chosen\":"
                    + " [nats per token], \"rejected\": […]}, \"reference\": {…}}, where \"reference\" is optional"
                    + " for reference-free objectives; ranked lists and labels have"
                    + " {\"completions\": [[…], …]} instead of the two sides."
                    + " Optional: \"group\", \"weight\","
                    + " \"ratings\" (of each completion, best first; 1 or 0 for a label),"
                    + " \"turns\": {\"chosen\": [tokens per turn], …},"
                    + " \"log_sum_squared_probs\" and \"reference_kl\" (in the form of policy),"
                    + " \"mismatched\" (one log-ratio per completion: this prompt with a completion of another prompt)."
        })
final class ObjectiveCommand implements Callable<Integer> {

    @ArgGroup(exclusive = true, multiplicity = "1")
    private Given given = new Given();

    @Option(names = "--log-probs", required = true, paramLabel = "FILE.jsonl", description = "Stored log-probs.")
    private Path file = Path.of("");

    @Option(
            names = "--step",
            paramLabel = "N",
            description = "Step of the evaluation, if FILE is the pairs.jsonl of a run. Default: the last.")
    private Optional<Integer> step = Optional.empty();

    @Option(names = "--set", paramLabel = "NAME", description = "Name of the evaluation set, if FILE holds several.")
    private Optional<String> set = Optional.empty();

    @Option(
            names = "--reference",
            paramLabel = "FILE.jsonl",
            description = "Output of dpo logprobs for the reference on the same data, if FILE is its output for the"
                    + " policy. Needed only for objectives with a reference.")
    private Optional<Path> reference = Optional.empty();

    @Option(
            names = "--gradient",
            description = "Also print the gradient with respect to every policy log-prob, and to token statistics if"
                    + " the objective uses any.")
    private boolean gradient;

    @Override
    public Integer call() {
        Request request = given.request();
        PreferenceLoss objective = request.loss();
        PreferenceLogProbs logProbs = read(objective);
        LossEvaluation evaluation =
                UserErrors.asInvalidInput(() -> objective.evaluate(logProbs, Normalizer.of(logProbs)));
        PreferenceMetrics metrics = new PreferenceMetrics(logProbs.hasReference() ? request.rewards() : objective);
        metrics.add(request.measured().apply(logProbs));
        Map<String, List<PerCompletion<List<Double>>>> gradients = new LinkedHashMap<>();
        if (gradient) {
            gradients.put("gradient", rows(logProbs, evaluation.gradient()));
            evaluation
                    .statisticGradients()
                    .forEach((statistic, ofStatistic) ->
                            gradients.put(statistic.key() + "_gradient", rows(logProbs, ofStatistic)));
        }
        Output output = new Output(evaluation.value(), evaluation.terms(), metrics.values(), gradients);
        System.out.println(Json.line(output));
        return 0;
    }

    private record Output(
            double loss,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Double> terms,
            Map<String, Double> metrics,
            @JsonAnyGetter Map<String, List<PerCompletion<List<Double>>>> gradients) {}

    /** The objective, in the form of a config or of TRL. */
    private static final class Given {

        @Option(
                names = "--loss",
                paramLabel = "YAML",
                description = "The objective as objective.preference in a config, e.g. '{type: ipo, beta: 0.1,"
                        + " reduction: mean}', or a whole objective section.")
        private String loss = "";

        @Option(
                names = "--trl",
                paramLabel = "JSON",
                description = "The objective in TRL's options, e.g. '{\"loss_type\": [\"ipo\"], \"beta\": 0.1}';"
                        + " options that TRL ignores are reported on stderr.")
        private String trl = "";

        Request request() {
            if (trl.isEmpty()) {
                PreferenceLoss objective = ConfigValue.objective(loss, "--loss");
                return new Request(objective, objective, UnaryOperator.identity());
            }
            Translation translation = TrlObjective.translate(trl, "--trl");
            translation.notes().forEach(Console.standard()::print);
            PreferenceLoss objective = ConfigValue.objective(translation.yaml(), "--trl");
            TrlObjective.Reported reported = TrlObjective.reported(trl, "--trl");
            return new Request(
                    objective,
                    rewardsOfTrl(reported.beta()),
                    new LengthDesensitized(objective, reported.ldAlpha())::weighted);
        }
    }

    /** The rewards that TRL's DPO trainer reports for every loss: β times the log-ratio. */
    private static ImplicitReward rewardsOfTrl(double beta) {
        return logProbs -> IntStream.range(0, logProbs.policy().rows())
                .mapToDouble(row -> beta * logProbs.logRatio(row))
                .toArray();
    }

    /**
     * The objective and the quantities to report.
     *
     * @param rewards implicit rewards of the metrics; TRL reports β times the log-ratio for every loss
     * @param measured maps log-probs to those that metrics use; TRL uses those weighted by LD-DPO
     */
    private record Request(PreferenceLoss loss, ImplicitReward rewards, UnaryOperator<PreferenceLogProbs> measured) {}

    private PreferenceLogProbs read(PreferenceLoss objective) {
        if (reference.isPresent() && (step.isPresent() || set.isPresent())) {
            throw new InvalidInputException("--step and --set must be absent if --reference is given, got "
                    + step.map(Object::toString).or(() -> set).orElseThrow());
        }
        LogProbsFile stored = reference
                .map(other -> LogProbsFile.read(file, other))
                .orElseGet(
                        () -> LogProbsFile.read(file, step.map(OptionalInt::of).orElse(OptionalInt.empty()), set));
        if (!stored.perToken() && (gradient || objective.needs().contains(Need.SINGLE_TOKENS))) {
            throw new InvalidInputException("log-probs must be per token for "
                    + (gradient ? "--gradient" : "this objective") + ", got one per turn (" + file + ")");
        }
        if (objective.usesReference() && !stored.logProbs().hasReference()) {
            throw new InvalidInputException(
                    "reference must be given in every line, or by --reference, for an objective with a reference,"
                            + " got none (" + file + ")");
        }
        return stored.logProbs();
    }

    private static List<PerCompletion<List<Double>>> rows(PreferenceLogProbs logProbs, TokenGradient gradient) {
        return IntStream.range(0, logProbs.size())
                .mapToObj(j -> PerCompletion.of(IntStream.range(logProbs.first(j), logProbs.first(j + 1))
                        .mapToObj(row ->
                                DoubleStream.of(gradient.row(row)).boxed().toList())
                        .toList()))
                .toList();
    }
}
