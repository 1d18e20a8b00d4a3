package dpo.harness.sweep;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Runs tasks on a fixed number of threads, each task on one thread. */
public final class Workers {

    private Workers() {}

    /**
     * Starts tasks in their order and returns when all have ended.
     *
     * @param atOnce number of parallel tasks, at least 1
     * @param onThrow called as soon as a task throws, to stop the others
     * @return the results of the tasks, in their order
     * @throws RuntimeException or an error thrown by a task, after all have ended
     */
    public static <T> List<T> run(int atOnce, List<Supplier<T>> tasks, Runnable onThrow) {
        ExecutorService threads = Executors.newFixedThreadPool(atOnce);
        try {
            List<CompletableFuture<T>> results = tasks.stream()
                    .map(task -> CompletableFuture.supplyAsync(() -> done(task, onThrow), threads))
                    .toList();
            CompletableFuture.allOf(results.toArray(CompletableFuture<?>[]::new))
                    .join();
            return results.stream().map(CompletableFuture::join).toList();
        } catch (CompletionException thrown) {
            if (thrown.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) thrown.getCause();
        } finally {
            threads.shutdown();
        }
    }

    private static <T> T done(Supplier<T> task, Runnable onThrow) {
        try {
            return task.get();
        } catch (RuntimeException | Error thrown) {
            onThrow.run();
            throw thrown;
        }
    }
}
