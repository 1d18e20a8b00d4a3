package dpo.bench;

import dpo.cli.ErrorMessages;
import dpo.core.InvalidInputException;
import dpo.data.batch.BatchPlan;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentFile;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.harness.sweep.PlannedRun;
import dpo.harness.sweep.Planner;
import dpo.harness.sweep.RunExecution;
import dpo.torch.TorchModel;
import dpo.torch.tensor.Precision;
import dpo.train.StepReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import jdk.jfr.Recording;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Trains as {@code dpo train} does, and prints the seconds of each phase of the optimizer steps and the share of the
 * machine's best matmul speed.
 *
 * <p>The backend marks its phases by events for JDK Flight Recorder. The best speed is measured in the same process,
 * before and after training, since other work on the machine changes it.
 */
@Command(
        name = "breakdown",
        mixinStandardHelpOptions = true,
        description = "Prints the time of each phase of training.")
final class Breakdown implements Callable<Integer> {

    @Parameters(
            paramLabel = "CONFIG.yaml",
            description = "Config file as for dpo train, with backend torch on the CPU.")
    private Path file = Path.of("");

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Overrides a config key, as in dpo train. May be repeated.")
    private List<String> overrides = new ArrayList<>();

    @Option(
            names = "--warm-up",
            paramLabel = "STEPS",
            description = "Number of steps before the measured ones. Default: 1.")
    private int warmUp = 1;

    private Breakdown() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Breakdown())
                .setExecutionExceptionHandler(new ErrorMessages())
                .execute(arguments));
    }

    /** Measures the matmul speed, trains, measures again, and prints the phases. */
    @Override
    public Integer call() throws IOException {
        Backends backends = Backends.onClassPath();
        Planner planner = new Planner(backends);
        PlannedRun run = planner.plan(
                        ExperimentFile.read(file, overrides, backends).cells())
                .get(0);
        if (!(run.config().model() instanceof TorchModel model)
                || !run.config().device().equals("cpu")) {
            throw new InvalidInputException("config must be of backend torch on device cpu, got "
                    + run.config().backend() + " on " + run.config().device());
        }
        BatchPlan plan =
                run.config().trainingSettings().plan(run.data().tokens().train());
        if (warmUp < 0 || warmUp >= plan.steps()) {
            throw new InvalidInputException("--warm-up must be in [0, " + plan.steps() + "), got " + warmUp);
        }
        int threads = run.config().execution().threads();
        Path folder = Files.createTempDirectory("breakdown");
        try {
            RunExecution execution =
                    new RunExecution(planner, backends, folder, folder.resolve("reference"), () -> false);
            Map<Precision, Double> before = speeds(threads);
            Phases phases = record(execution, run, folder);
            Map<Precision, Double> after = speeds(threads);
            String title = "%d steps in %s, %d threads".formatted(plan.steps() - warmUp, model.dtype(), threads);
            System.out.print(
                    new PhaseTable(title, phases, work(model, run, plan), before, after, model.dtype()).text());
        } finally {
            DurableFiles.delete(folder);
        }
        return 0;
    }

    /** Trains with a recording of the phases. */
    private Phases record(RunExecution execution, PlannedRun run, Path folder) throws IOException {
        StepMarks marks = new StepMarks(warmUp);
        Path recorded = folder.resolve("phases.jfr");
        RunFolder runFolder = new RunFolder(folder.resolve("run"));
        try (Recording recording = new Recording()) {
            recording.enable(Phases.EVENT).withoutThreshold();
            recording.start();
            RunRecord record = execution.execute(run, runFolder, marks);
            recording.stop();
            if (record.status() != RunRecord.Status.COMPLETED) {
                throw new IllegalStateException(
                        "training must complete, got " + record.error().orElse("a stop"));
            }
            recording.dump(recorded);
        }
        List<Double> seconds = runFolder.metrics().stream()
                .skip(warmUp)
                .map(StepReport::seconds)
                .toList();
        return Phases.read(recorded, marks.begin(), new StepTimes(seconds, marks.processor()));
    }

    /** Operations of the steps after the warm-up. */
    private MatMulWork.OfPass work(TorchModel model, PlannedRun run, BatchPlan plan) {
        MatMulWork work = MatMulWork.of(model);
        return IntStream.rangeClosed(warmUp + 1, plan.steps())
                .mapToObj(plan::step)
                .flatMap(step -> step.microBatches().stream())
                .map(indices -> work.of(indices.stream()
                        .flatMap(index -> run.data().tokens().train().get(index).completions().stream())
                        .toList()))
                .reduce(MatMulWork.OfPass::plus)
                .orElseThrow();
    }

    private static Map<Precision, Double> speeds(int threads) {
        Map<Precision, Double> speeds = new EnumMap<>(Precision.class);
        for (Precision precision : Precision.values()) {
            speeds.put(precision, MatMulSpeed.measure(precision, threads));
        }
        return speeds;
    }
}
