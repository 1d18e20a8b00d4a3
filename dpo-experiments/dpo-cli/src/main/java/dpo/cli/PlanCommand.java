package dpo.cli;

import dpo.harness.cache.InputCache;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ExperimentFile;
import dpo.harness.config.SettingValue;
import dpo.harness.memory.MemoryCheck;
import dpo.harness.sweep.PlannedRun;
import dpo.harness.sweep.Planner;
import dpo.report.comparison.Pilot;
import dpo.report.results.Results;
import dpo.report.results.TableFormat;
import dpo.train.TrainingMethod;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dpo plan}. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description = {
            "Prints what a sweep will take, without training: cells, optimizer steps, tokens, memory.",
            "With a pilot (a run or a small sweep of the same model and data), also the time, and the smallest difference"
                    + " between two settings that the planned number of seeds can show."
        })
final class PlanCommand implements Callable<Integer> {

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Option(names = "--pilot", paramLabel = "DIR", description = "Folder of a finished run or sweep.")
    private Optional<Path> pilot = Optional.empty();

    @Option(
            names = "--metric",
            paramLabel = "NAME",
            description = "A metric of the pilot; may be repeated. Default: its main metrics.")
    private List<String> metrics = new ArrayList<>();

    @Override
    public Integer call() {
        Backends backends = Backends.onClassPath();
        ExperimentFile file = config.read(backends);
        List<ExperimentFile.Cell> cells = file.cells();
        Planner planner = new Planner(backends, InputCache.of(System.getenv()));
        List<PlannedRun> runs = planner.plan(cells, file.halving());
        Console console = Console.standard();
        planner.notices().forEach(console::print);
        DataSummary.print(runs, console);
        Map<Map<String, @Nullable Object>, Long> seeds = cells.stream()
                .collect(Collectors.groupingBy(
                        cell -> withoutSeed(cell.settings()), LinkedHashMap::new, Collectors.counting()));
        long[] tokensOfRuns = runs.stream().mapToLong(PlanCommand::tokens).toArray();
        long tokens = LongStream.of(tokensOfRuns).sum();
        System.out.println("cells: " + runs.size() + " (" + count(seeds.size(), "setting") + ", "
                + range(seeds.values().stream().mapToLong(n -> n)) + " runs each)");
        long steps = runs.stream().mapToLong(PlanCommand::steps).sum();
        System.out.println("optimizer steps: " + range(runs.stream().mapToLong(PlanCommand::steps)) + " per cell, "
                + steps + " in all");
        System.out.println("tokens: " + (runs.stream().anyMatch(PlanCommand::samples) ? "at most " : "")
                + range(LongStream.of(tokensOfRuns)) + " per cell, " + tokens + " in all");
        double share = file.halving()
                .map(halving -> halving.share(seeds.size(), (double) steps / runs.size()))
                .orElse(1.0);
        if (file.halving().isPresent()) {
            System.out.println("halving: about " + Math.round(100 * share) + " % of these steps and tokens");
        }
        List<ExperimentConfig> configs = runs.stream().map(PlannedRun::config).toList();
        MemoryCheck memory = MemoryCheck.of(backends, runs, 1, MemoryCheck.available(backends, configs));
        System.out.println(memory.line().orElse("memory: no estimate for this backend"));
        memory.warning().ifPresent(System.out::println);
        int planned = seeds.values().stream().mapToInt(Long::intValue).min().orElse(1);
        if (pilot.isPresent()) {
            UserErrors.asInvalidInput(() -> print(pilot.get(), Math.round(share * tokens), planned));
        } else {
            System.out.println("time, detectable difference: unknown without --pilot");
        }
        return 0;
    }

    private Path print(Path folder, long tokens, int planned) {
        try (Results results = Results.open(folder)) {
            Pilot found = new Pilot(results);
            double perToken = found.secondsPerToken();
            System.out.println(
                    Double.isFinite(perToken)
                            ? "time: about " + duration(perToken * tokens) + " one cell after another, at the pilot's "
                                    + String.format(Locale.ROOT, "%.0f", 1 / perToken) + " tokens/s"
                            : "time: unknown, because the pilot has no completed run");
            List<String> shown = metrics.isEmpty() ? results.mainMetrics() : metrics;
            results.requireKnown(shown);
            System.out.print(TableFormat.TABLE.render(found.detectable(shown, planned)));
            return folder;
        }
    }

    private static Map<String, @Nullable Object> withoutSeed(Map<String, @Nullable Object> settings) {
        Map<String, @Nullable Object> rest = new LinkedHashMap<>();
        settings.forEach((key, value) -> rest.put(key, SettingValue.of(value)));
        rest.remove(Results.SEED);
        return rest;
    }

    private static long steps(PlannedRun run) {
        return run.config()
                .trainingSettings()
                .stepCount(run.data().tokens().train().size());
    }

    /** Whether the run samples completions, which may be shorter than the largest length that counts. */
    private static boolean samples(PlannedRun run) {
        return run.config().method().flatMap(TrainingMethod::samples).isPresent();
    }

    /** The tokens of all sequences of all steps, as the metric {@code tokens} counts them. */
    private static long tokens(PlannedRun run) {
        return run.config().trainingSettings().mostTokens(run.data().tokens().train(), run.maxLength());
    }

    private static String count(int number, String thing) {
        return number + " " + thing + (number == 1 ? "" : "s");
    }

    private static String range(LongStream numbers) {
        var statistics = numbers.summaryStatistics();
        return statistics.getMin() == statistics.getMax()
                ? Long.toString(statistics.getMin())
                : statistics.getMin() + " to " + statistics.getMax();
    }

    /** Seconds as {@code 2 h 5 min}, {@code 4 min 10 s} or {@code 7 s}. */
    private static String duration(double seconds) {
        Duration time = Duration.ofSeconds(Math.max(1, Math.round(seconds)));
        return Stream.of(
                        time.toHours() > 0 ? time.toHours() + " h" : "",
                        time.toMinutesPart() > 0 ? time.toMinutesPart() + " min" : "",
                        time.toHours() == 0 && time.toSecondsPart() > 0 ? time.toSecondsPart() + " s" : "")
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining(" "));
    }
}
