package dpo.harness.sweep;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Tasks that are done some at a time, each from its begin to its end on one of as many threads. */
final class Workers {

    private Workers() {}

    /**
     * Does tasks, begun in their order; returns when none is under way any more.
     *
     * @param atOnce how many are done at the same time, at least 1
     * @param onThrow called as soon as a task throws, to ask the others to end
     * @return what the tasks give, in their order
     * @throws RuntimeException or an error that a task has thrown, after all have ended
     */
    static <T> List<T> run(int atOnce, List<Supplier<T>> tasks, Runnable onThrow) {
        ExecutorService threads = Executors.newFixedThreadPool(atOnce);
        try {
            List<CompletableFuture<T>> results = tasks.stream()
                    .map(task -> CompletableFuture.supplyAsync(() -> done(task, onThrow), threads))
                    .toList();
            CompletableFuture.allOf(results.toArray(CompletableFuture<?>[]::new)).join();
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
