package dpo.spark;

import dpo.harness.cluster.Cluster;
import dpo.harness.cluster.ClusterException;
import dpo.harness.cluster.ClusterJob;
import dpo.harness.cluster.ProcessEnd;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * A Spark cluster, whose every task is a process. The client is part of this process; cluster and client must have the
 * same version of Spark. Properties of the virtual machine that begin with {@code spark.} are Spark's settings.
 */
public final class SparkCluster implements Cluster {

    private static final String GROUP = "cells";

    @Override
    public String name() {
        return "spark";
    }

    @Override
    public List<ProcessEnd> run(ClusterJob job, Runnable look, BooleanSupplier stopRequested) {
        try (JavaSparkContext context = new JavaSparkContext(settings(job))) {
            // Interrupted tasks stop their processes.
            context.setJobGroup(GROUP, job.name(), true);
            JavaFutureAction<List<ProcessEnd>> ends = context.parallelize(
                            job.commands(), job.commands().size())
                    .map(new CellProcess(job.directory().toString()))
                    .collectAsync();
            return await(ends, context, look, stopRequested);
        } catch (Exception refused) {
            throw refused instanceof ClusterException known
                    ? known
                    : new ClusterException("Spark cluster must accept the job, got: " + refused.getMessage(), refused);
        }
    }

    private static SparkConf settings(ClusterJob job) {
        SparkConf settings = new SparkConf()
                .setMaster(job.url())
                .setAppName(job.name())
                .setJars(Stream.of(SparkCluster.class, ProcessEnd.class)
                        .flatMap(type -> Arrays.stream(JavaSparkContext.jarOfClass(type)))
                        .toArray(String[]::new))
                // A cell must not run twice at once.
                .set("spark.speculation", "false")
                .set("spark.task.cpus", Integer.toString(job.resources().cpus()))
                .set("spark.task.maxFailures", Integer.toString(job.resources().attempts()))
                // Cells are processes of their own.
                .setIfMissing("spark.executor.memory", "512m")
                .setIfMissing("spark.ui.enabled", "false");
        if (job.resources().gpus() > 0) {
            String gpus = Integer.toString(job.resources().gpus());
            settings.set("spark.task.resource.gpu.amount", gpus)
                    .setIfMissing("spark.executor.resource.gpu.amount", gpus);
        }
        return settings;
    }

    private static List<ProcessEnd> await(
            JavaFutureAction<List<ProcessEnd>> ends,
            JavaSparkContext context,
            Runnable look,
            BooleanSupplier stopRequested)
            throws InterruptedException {
        while (true) {
            try {
                return ends.get(1, TimeUnit.SECONDS);
            } catch (TimeoutException running) {
                look.run();
                if (stopRequested.getAsBoolean()) {
                    context.cancelJobGroup(GROUP);
                    awaitProcesses(context);
                    return List.of();
                }
            } catch (CancellationException cancelled) {
                return List.of();
            } catch (ExecutionException failed) {
                throw new ClusterException(
                        "processes of the Spark cluster must end, got: " + firstLine(failed), failed);
            }
        }
    }

    /** The processes save their state before they end, and their executors must live until then. */
    private static void awaitProcesses(JavaSparkContext context) throws InterruptedException {
        while (Arrays.stream(context.statusTracker().getExecutorInfos())
                .anyMatch(executor -> executor.numRunningTasks() > 0)) {
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    private static String firstLine(ExecutionException failed) {
        Throwable cause = failed.getCause();
        return cause instanceof SparkException
                ? String.valueOf(cause.getMessage()).lines().findFirst().orElse("")
                : String.valueOf(cause);
    }
}
