package dpo.spark;

import dpo.harness.cluster.ClusterJob;
import dpo.harness.cluster.ClusterWatch;
import dpo.harness.cluster.ProcessEnd;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;

/**
 * The processes of a job. Each start of one is a job of Spark with one task, so that one which ends badly concerns no
 * other. Spark has enough of them to fill its executors, the others wait here.
 */
final class ProcessQueue implements AutoCloseable {

    private static final String GROUP = "processes";

    /** Spark knows that many starts more than twice those that run, so that none of its executors waits for this queue. */
    private static final int SPARE = 4;

    /** Spark's word for a task whose executor was lost. */
    private static final String LOST = "ExecutorLostFailure";

    /** How often the machine of a command may be lost, for each attempt: that is seldom the fault of the command. */
    private static final int LOSSES = 10;

    /** How long a command that has crashed waits for an executor on which it has not: they register one by one. */
    private static final long REST = TimeUnit.SECONDS.toNanos(5);

    private final ClusterJob job;
    private final JavaSparkContext context;
    private final Executors executors;
    private final ClusterWatch watch;
    private final Deque<Start> waiting = new ArrayDeque<>();
    private final Map<Start, JavaFutureAction<List<CellProcess.Ended>>> submitted = new LinkedHashMap<>();

    /**
     * A start of a command.
     *
     * @param command its place in the job
     * @param crashes ends of earlier starts
     * @param losses earlier starts whose executor was lost
     * @param crashedOn executors on which it has crashed, and which it avoids while others live
     * @param since when it was due, {@link System#nanoTime}
     */
    private record Start(int command, int crashes, int losses, Set<String> crashedOn, long since) {

        Start afterCrash(String executor) {
            Set<String> all = new HashSet<>(crashedOn);
            all.add(executor);
            return new Start(command, crashes + 1, losses, Set.copyOf(all), System.nanoTime());
        }

        Start afterLoss() {
            return new Start(command, crashes, losses + 1, crashedOn, System.nanoTime());
        }
    }

    ProcessQueue(ClusterJob job, JavaSparkContext context, Executors executors, ClusterWatch watch) {
        this.job = job;
        this.context = context;
        this.executors = executors;
        this.watch = watch;
        for (int i = 0; i < job.commands().size(); i++) {
            waiting.add(new Start(i, 0, 0, Set.of(), System.nanoTime()));
        }
        // Interrupted tasks stop their processes.
        context.setJobGroup(GROUP, job.name(), true);
    }

    boolean isDone() {
        return waiting.isEmpty() && submitted.isEmpty();
    }

    /** Looks which processes have ended, and starts others. */
    void step() throws InterruptedException {
        List<Start> ended = new ArrayList<>();
        submitted.forEach((start, action) -> {
            if (action.isDone()) {
                ended.add(start);
            }
        });
        for (Start start : ended) {
            end(start, submitted.remove(start));
        }
        submit();
    }

    private void submit() {
        int cpus = executors.sizes().stream().mapToInt(Executors.Size::cpus).sum();
        int most = 2 * cpus / job.resources().cpus() + SPARE;
        for (Iterator<Start> next = waiting.iterator(); next.hasNext() && submitted.size() < most; ) {
            Start start = next.next();
            List<String> others = executors.others(start.crashedOn(), job.resources());
            boolean rests = others.isEmpty() && System.nanoTime() - start.since() < REST;
            if (rests && !start.crashedOn().isEmpty()) {
                continue;
            }
            next.remove();
            submitted.put(
                    start,
                    tasks(job.commands().get(start.command()), others)
                            .map(new CellProcess(job.directory().toString(), job.environment()))
                            .collectAsync());
        }
    }

    /** @param places executors to prefer; none if any will do */
    private JavaRDD<List<String>> tasks(List<String> command, List<String> places) {
        Seq<Tuple2<List<String>, Seq<String>>> task = CollectionConverters.asScala(List.of(Tuple2.apply(
                        command, CollectionConverters.asScala(places).toSeq())))
                .toSeq();
        return context.sc()
                .makeRDD(task, ClassTag$.MODULE$.<List<String>>apply(List.class))
                .toJavaRDD();
    }

    private void end(Start start, JavaFutureAction<List<CellProcess.Ended>> action) throws InterruptedException {
        try {
            CellProcess.Ended ended = action.get().get(0);
            if (ended.end().exitCode() == ProcessEnd.DONE) {
                watch.ended(start.command(), ended.end(), true);
            } else if (ended.end().exitCode() == ProcessEnd.STOPPED) {
                endBadly(start.afterLoss(), ended.end());
            } else {
                endBadly(start.afterCrash(ended.executor()), ended.end());
            }
        } catch (ExecutionException failed) {
            String why = why(failed);
            if (!context.sc().isStopped()) {
                endBadly(
                        why.contains(LOST) ? start.afterLoss() : start.afterCrash(""),
                        new ProcessEnd(ProcessEnd.LOST, why));
            }
        }
    }

    private void endBadly(Start next, ProcessEnd end) {
        int attempts = job.resources().attempts();
        boolean isLast = next.crashes() >= attempts || next.losses() >= LOSSES * attempts;
        if (!isLast) {
            // It starts before the others, so that a fault of all processes is reported soon.
            waiting.addFirst(next);
        }
        watch.ended(next.command(), end, isLast);
    }

    private static String why(ExecutionException failed) {
        return String.valueOf(Objects.requireNonNull(failed.getCause()).getMessage())
                .lines()
                .findFirst()
                .orElse("")
                .replaceFirst(".*most recent failure: ", "");
    }

    /** Stops the processes, and waits until they have saved their state; their executors must live until then. */
    @Override
    public void close() throws InterruptedException {
        waiting.clear();
        context.cancelJobGroup(GROUP);
        while (!context.sc().isStopped() && executors.isBusy()) {
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }
}
