package dpo.cli;

import dpo.core.backend.Ranks;
import dpo.harness.cache.InputCache;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentFile;
import dpo.harness.store.RunFolder;
import dpo.harness.sweep.Placement;
import dpo.harness.sweep.PlannedRun;
import dpo.harness.sweep.Planner;
import dpo.harness.sweep.RunExecution;
import dpo.train.TrainingFailure;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/**
 * The process of a rank other than 0, which {@code dpo train} and {@code dpo sweep} start. It ends when its standard input
 * ends, as it does when the process that has started it ends. Signals do not end it, so that rank 0 can finish a step.
 */
@Command(name = "rank", hidden = true, description = "Takes part in a run of another process.")
final class RankCommand implements Callable<Integer> {

    /** Rank 0 writes a checkpoint before it ends this process. */
    private static final int HOURS_UNTIL_END = 1;

    @ParentCommand
    private @Nullable DpoCommand dpo;

    @Parameters(index = "0")
    private Path run = Path.of("");

    @Parameters(index = "1")
    private Path references = Path.of("");

    @Parameters(index = "2")
    private int rank;

    @Parameters(index = "3")
    private int ranks;

    @Parameters(index = "4")
    private String device = "";

    @Parameters(index = "5")
    private Path meeting = Path.of("");

    /** The command line that starts this command, without its arguments, by the virtual machine of this process. */
    static List<String> line() {
        List<String> line = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        line.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), DpoCommand.class.getName(), "rank"));
        return line;
    }

    @Override
    public Integer call() {
        EndOfInput.then(() -> Runtime.getRuntime().halt(0));
        Console silent = new Console(
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                false,
                System::nanoTime);
        return Objects.requireNonNull(dpo).stop().guard(silent, stopRequested -> {
            try {
                follow();
                return 0;
            } catch (TrainingFailure sameAsThatOfRank0) {
                return ErrorMessages.FAILED;
            } catch (Ranks.Lost anotherHasEnded) {
                awaitEnd();
                return report(anotherHasEnded);
            } catch (RuntimeException | Error e) {
                return report(e);
            }
        });
    }

    /** If another rank has ended, rank 0 says so and ends this process. */
    private static void awaitEnd() {
        try {
            TimeUnit.HOURS.sleep(HOURS_UNTIL_END);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int report(Throwable thrown) {
        Console console = Console.standard();
        console.print("rank " + rank + " has ended:");
        return ErrorMessages.report(thrown, console);
    }

    private void follow() {
        Backends backends = Backends.onClassPath();
        RunFolder folder = new RunFolder(run);
        List<ExperimentFile.Cell> cells = ExperimentFile.read(run.resolve("config.yaml"), List.of(), backends)
                .cells();
        Planner planner =
                new Planner(backends, InputCache.of(System.getenv()), new Placement(ranks, false, List.of(device)));
        PlannedRun planned = planner.plan(cells).get(0);
        new RunExecution(planner, backends, run, references, () -> false, Optional.empty(), List.of())
                .follow(planned, folder, device, rank, meeting, System.out::println);
    }
}
