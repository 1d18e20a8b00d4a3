package dpo.spark;

import dpo.core.UserError;
import dpo.harness.cluster.Cluster;
import dpo.harness.cluster.ClusterException;
import dpo.harness.cluster.ClusterJob;
import dpo.harness.cluster.ClusterWatch;
import dpo.harness.cluster.ProcessEnd;
import dpo.harness.config.TaskResources;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * A Spark cluster, whose every task is a process. The client is part of this process; cluster and client must have the
 * same version of Spark. Properties of the virtual machine that begin with {@code spark.} are Spark's settings.
 */
public final class SparkCluster implements Cluster {

    private static final int POLL_MILLISECONDS = 200;

    @Override
    public String name() {
        return "spark";
    }

    @Override
    public void run(ClusterJob job, ClusterWatch watch) {
        if (job.url().startsWith("local") && !job.url().startsWith("local-cluster")) {
            throw new ClusterException(
                    "cluster must have executors of its own, such as local-cluster[2,1,1024], got " + job.url());
        }
        try (ShutdownOrder order = ShutdownOrder.thisBeforeSpark()) {
            CompletableFuture<JavaSparkContext> connection =
                    CompletableFuture.supplyAsync(() -> new JavaSparkContext(settings(job)));
            watch.print("connecting to " + job.url() + " (Spark " + version() + ")");
            while (!connection.isDone() && !watch.isStopRequested()) {
                pause();
            }
            if (connection.isDone()) {
                try (JavaSparkContext context = connection.join()) {
                    run(job, watch, context);
                }
            }
        } catch (CompletionException refused) {
            throw new ClusterException(
                    "cluster must answer at " + job.url() + " and have Spark " + version() + ", got: "
                            + Objects.requireNonNull(refused.getCause()).getMessage(),
                    refused);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterException("work on the Spark cluster must not be interrupted, got an interrupt", e);
        } catch (Exception failed) {
            // Spark throws checked exceptions undeclared, and what a stop ends is no failure.
            if (!watch.isStopRequested()) {
                throw failed instanceof RuntimeException known && failed instanceof UserError
                        ? known
                        : new ClusterException(
                                "Spark cluster must run the job, got: " + failed.getMessage() + " (" + job.url() + ")",
                                failed);
            }
        }
    }

    private static void run(ClusterJob job, ClusterWatch watch, JavaSparkContext context) throws InterruptedException {
        Executors executors = new Executors(context);
        Patience patience = new Patience(job, watch, System::nanoTime);
        try (ProcessQueue processes = new ProcessQueue(job, context, executors, watch)) {
            while (!processes.isDone() && !watch.isStopRequested()) {
                requireAlive(context, job.url());
                processes.step();
                patience.require(executors.sizes());
                pause();
            }
        } catch (RuntimeException failed) {
            // A client that Spark has ended fails in many ways.
            requireAlive(context, job.url());
            throw failed;
        }
    }

    /** Spark ends its client too if a master does not answer within a minute, as one of another version does not. */
    private static void requireAlive(JavaSparkContext context, String url) {
        if (context.sc().isStopped()) {
            throw new ClusterException("cluster must answer at " + url + ", have Spark " + version()
                    + " and keep the application, got the end of the application: there is no master, it has another"
                    + " version of Spark, or it has ended the application");
        }
    }

    private static void pause() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLISECONDS);
    }

    private static String version() {
        return org.apache.spark.package$.MODULE$.SPARK_VERSION();
    }

    private static SparkConf settings(ClusterJob job) {
        TaskResources cell = job.resources();
        SparkConf settings = new SparkConf()
                .setMaster(job.url())
                .setAppName(job.name())
                .setJars(Stream.of(SparkCluster.class, ProcessEnd.class)
                        .flatMap(type -> Arrays.stream(JavaSparkContext.jarOfClass(type)))
                        .toArray(String[]::new))
                // A cell must not run twice at once.
                .set("spark.speculation", "false")
                .set("spark.task.cpus", Integer.toString(cell.cpus()))
                // The queue of processes starts them again.
                .set("spark.task.maxFailures", "1")
                // A cell that has crashed waits for another executor while there is one.
                .set("spark.locality.wait", "3650d")
                // What Spark tells of its executors is true at once.
                .set("spark.ui.liveUpdate.period", "0")
                // Executors only start processes.
                .setIfMissing("spark.executor.memory", "512m")
                .setIfMissing("spark.executor.extraJavaOptions", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1")
                .setIfMissing("spark.ui.enabled", "false");
        if (cell.gpus() > 0) {
            String gpus = Integer.toString(cell.gpus());
            settings.set("spark.task.resource.gpu.amount", gpus)
                    .setIfMissing("spark.executor.resource.gpu.amount", gpus)
                    // Otherwise one executor takes all processors of a machine, and one of its GPUs.
                    .setIfMissing("spark.executor.cores", Integer.toString(cell.cpus()));
        }
        return settings;
    }
}
