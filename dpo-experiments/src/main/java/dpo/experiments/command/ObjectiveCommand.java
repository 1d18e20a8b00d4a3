package dpo.experiments.command;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.metric.PreferenceMetrics;
import dpo.experiments.config.ConfigValue;
import dpo.experiments.store.Json;
import dpo.experiments.train.LogProbsFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.DoubleStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code dpo objective}. */
@Command(
        name = "objective",
        mixinStandardHelpOptions = true,
        description = {
            "Computes any objective from stored log-probs, without a model; prints one JSON object.",
            "A line of FILE: {\"policy\": {\"chosen\": [nats per token], \"rejected\": […]}, \"reference\": {…}}, optionally"
                    + " \"group\", \"weight\", and \"turns\": {\"chosen\": [tokens per turn], \"rejected\": […]}"
        })
final class ObjectiveCommand implements Callable<Integer> {

    @Option(
            names = "--loss",
            required = true,
            paramLabel = "YAML",
            description = "As objective.preference in a config, e.g. '{type: ipo, beta: 0.1, reduction: mean}', or a whole"
                    + " objective section.")
    private String loss = "";

    @Option(names = "--log-probs", required = true, paramLabel = "FILE.jsonl", description = "Stored log-probs.")
    private Path file = Path.of("");

    @Option(names = "--gradient", description = "Also the gradient with respect to every policy log-prob.")
    private boolean gradient;

    @Override
    public Integer call() {
        PreferenceLoss objective = ConfigValue.objective(loss, "--loss");
        PreferenceLogProbs logProbs = LogProbsFile.read(file);
        LossEvaluation evaluation = Refusals.asInvalidInput(
                () -> objective.evaluate(logProbs, Normalizer.of(logProbs)));
        PreferenceMetrics metrics = new PreferenceMetrics(objective.rewardScale());
        metrics.add(logProbs);
        Map<String, Object> output = new LinkedHashMap<>();
        output.put("loss", evaluation.value());
        if (!evaluation.terms().isEmpty()) {
            output.put("terms", evaluation.terms());
        }
        output.put("metrics", metrics.values());
        if (gradient) {
            output.put("gradient", rows(evaluation));
        }
        System.out.println(Json.line(output));
        return 0;
    }

    private static List<Map<String, Object>> rows(LossEvaluation evaluation) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int j = 0; j < evaluation.chosen().shape().rows(); j++) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("chosen", DoubleStream.of(evaluation.chosen().row(j)).boxed().toList());
            row.put("rejected", DoubleStream.of(evaluation.rejected().row(j)).boxed().toList());
            rows.add(row);
        }
        return rows;
    }
}
