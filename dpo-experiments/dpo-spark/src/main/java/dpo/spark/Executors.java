package dpo.spark;

import dpo.harness.config.TaskResources;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.status.api.v1.ExecutorSummary;
import scala.jdk.javaapi.CollectionConverters;

/** The executors that have registered with this client and live. */
final class Executors {

    private static final String DRIVER = "driver";

    private final JavaSparkContext context;

    Executors(JavaSparkContext context) {
        this.context = context;
    }

    /**
     * What an executor has.
     *
     * @param cpus processors
     * @param gpus GPUs
     */
    record Size(int cpus, int gpus) {

        /** Whether it can hold a cell. */
        boolean holds(TaskResources cell) {
            return cpus >= cell.cpus() && gpus >= cell.gpus();
        }
    }

    List<Size> sizes() {
        return live().stream().map(Executors::size).toList();
    }

    private static Size size(ExecutorSummary executor) {
        return new Size(executor.totalCores(), gpus(executor));
    }

    /**
     * Those that can hold a cell and are none of the given ones, as places that Spark's tasks can prefer; empty if none are
     * given.
     */
    List<String> others(Set<String> ids, TaskResources cell) {
        return ids.isEmpty()
                ? List.of()
                : live().stream()
                        .filter(executor ->
                                !ids.contains(executor.id()) && size(executor).holds(cell))
                        .map(executor ->
                                "executor_" + executor.hostPort().replaceFirst(":\\d+$", "") + "_" + executor.id())
                        .toList();
    }

    boolean isBusy() {
        return live().stream().anyMatch(executor -> executor.activeTasks() > 0);
    }

    private static int gpus(ExecutorSummary executor) {
        return CollectionConverters.asJava(executor.resources()).containsKey(CellProcess.GPU)
                ? executor.resources().apply(CellProcess.GPU).addresses().length
                : 0;
    }

    private List<ExecutorSummary> live() {
        return CollectionConverters.asJava(context.sc().statusStore().executorList(true)).stream()
                .filter(executor -> !executor.id().equals(DRIVER))
                .toList();
    }
}
