package dpo.harness.sweep;

import dpo.core.InvalidInputException;
import dpo.core.numeric.Ranking;
import dpo.harness.config.Halving;
import dpo.harness.store.EvaluationLine;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord.Status;
import dpo.train.BestEvaluation.Direction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The decisions of successive halving. They are functions of the evaluations in the run folders, so every start of a
 * sweep makes the same ones.
 */
final class SuccessiveHalving {

    private static final String SEED = "seed";

    private final Halving halving;
    private final Function<PlannedRun, RunFolder> folders;

    SuccessiveHalving(Halving halving, Function<PlannedRun, RunFolder> folders) {
        this.halving = halving;
        this.folders = folders;
    }

    /**
     * A decision.
     *
     * @param rung optimizer step
     * @param kept ids of the runs that continue
     * @param dropped ids of the runs that do not
     */
    record Decision(int rung, String metric, List<String> kept, List<String> dropped) {}

    /**
     * What prevents halving, before anything is computed.
     *
     * @return one line of text per problem
     */
    static List<String> problems(Halving halving, List<PlannedRun> runs) {
        Set<String> problems = new LinkedHashSet<>();
        for (PlannedRun run : runs) {
            long steps = IneffectiveSettings.steps(run.config(), run.data().tokens());
            int every = run.config().training().evaluateEvery().orElse(Integer.MAX_VALUE);
            for (int rung : halving.rungs()) {
                if (rung >= steps) {
                    problems.add("halving.rungs must be below the steps of every run (" + steps + "), got " + rung);
                } else if (rung % every != 0) {
                    problems.add("halving.rungs must be multiples of training.evaluate_every"
                            + (every == Integer.MAX_VALUE ? ", which is not given" : " (" + every + ")") + ", got "
                            + rung);
                }
            }
        }
        return List.copyOf(problems);
    }

    /**
     * Decides which of the runs continue after a rung, which all of them have reached, or failed or ended before.
     *
     * @throws InvalidInputException if evaluations do not have the metric
     */
    Decision decide(int rung, List<PlannedRun> runs) {
        List<List<PlannedRun>> settings = settings(runs);
        double[] worst =
                settings.stream().mapToDouble(of -> -goodness(of, rung)).toArray();
        int[] order = Ranking.ascending(worst);
        List<String> kept = new ArrayList<>();
        List<String> dropped = new ArrayList<>();
        for (int i = 0; i < order.length; i++) {
            List<String> ids = i < halving.kept(order.length) ? kept : dropped;
            settings.get(order[i]).forEach(run -> ids.add(run.id()));
        }
        return new Decision(rung, halving.metric(), kept, dropped);
    }

    /** The runs by settings other than the seed, in the order of the file. */
    private static List<List<PlannedRun>> settings(List<PlannedRun> runs) {
        Map<Map<String, @Nullable Object>, List<PlannedRun>> settings = new LinkedHashMap<>();
        for (PlannedRun run : runs) {
            Map<String, @Nullable Object> others = new LinkedHashMap<>(run.settings());
            others.remove(SEED);
            settings.computeIfAbsent(others, key -> new ArrayList<>()).add(run);
        }
        return List.copyOf(settings.values());
    }

    /** The mean over seeds, larger is better; NaN if a seed has no number there. */
    private double goodness(List<PlannedRun> seeds, int rung) {
        double mean = seeds.stream()
                .mapToDouble(run -> at(run, rung).orElse(Double.NaN))
                .average()
                .orElse(Double.NaN);
        return halving.direction() == Direction.LOWEST ? -mean : mean;
    }

    /** The metric at a step; of a run that was completed before, which stopped early, at its last evaluation. */
    private Optional<Double> at(PlannedRun run, int step) {
        RunFolder folder = folders.apply(run);
        boolean isCompleted = folder.record()
                .filter(record -> record.status() == Status.COMPLETED)
                .isPresent();
        return folder.evaluations().stream()
                .filter(line -> line.step() == step || (isCompleted && line.step() < step))
                .max(Comparator.comparingInt(EvaluationLine::step))
                .flatMap(line -> Optional.ofNullable(metricOf(line)));
    }

    private @Nullable Double metricOf(EvaluationLine line) {
        if (!line.metrics().containsKey(halving.metric())) {
            throw new InvalidInputException("halving.metric must be a metric of the evaluations "
                    + line.metrics().keySet() + ", got " + halving.metric());
        }
        return line.metrics().get(halving.metric());
    }

    /**
     * Spearman's rank correlation of the scores at a rung with those at the end, over the settings that are left; empty for
     * fewer than three settings.
     */
    Optional<Double> rankCorrelation(int rung, List<PlannedRun> left) {
        List<List<PlannedRun>> settings = settings(left);
        double[] early = settings.stream().mapToDouble(of -> goodness(of, rung)).toArray();
        double[] late = settings.stream().mapToDouble(this::goodnessAtEnd).toArray();
        return settings.size() < 3 ? Optional.empty() : Optional.of(Ranking.correlation(early, late));
    }

    private double goodnessAtEnd(List<PlannedRun> seeds) {
        return goodness(
                seeds,
                seeds.stream()
                        .flatMap(run -> folders.apply(run).evaluations().stream())
                        .mapToInt(EvaluationLine::step)
                        .max()
                        .orElse(0));
    }
}
