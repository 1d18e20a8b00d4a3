package dpo.torch.compute;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch;

/**
 * A thread pool that runs independent tasks in parallel, one per thread. Small operations have a fixed cost, which is
 * paid once per thread this way, instead of all threads sharing each operation.
 *
 * <p>Within a task libtorch has its share of the threads, or one if there are as many tasks as threads. The share
 * depends only on both numbers, so the bits of a result do not depend on which thread ran a task.
 */
@SuppressWarnings("try") // pointer scopes are only opened and closed
public final class TaskPool {

    private static final int IDLE_SECONDS = 10;

    private final int threads;
    private final ExecutorService executor;

    /**
     * A pool with this many threads for each caller, who waits meanwhile. Threads are started on demand and end after
     * some idle time.
     */
    public TaskPool(int threads) {
        this.threads = threads;
        this.executor = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), work -> {
                    Thread thread = new Thread(work, "dpo-torch-task");
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /**
     * Sets the number of libtorch's threads for the calling thread. Each thread has its own number, but a thread that
     * is new to libtorch would take over the last number that any thread has set; the query registers it first.
     */
    public static void useThreads(int threads) {
        if (torch.get_num_threads() != threads) {
            torch.set_num_threads(threads);
        }
    }

    /**
     * Runs independent tasks outside libtorch's graph, each in a pointer scope of its own, and returns when all have
     * finished. With one task or one thread, the calling thread runs them with all of libtorch's threads.
     *
     * @param tasks their number; they start in ascending order
     * @throws RuntimeException one that a task threw, once no task is running any more; likewise an {@link Error}
     */
    public void run(int tasks, IntConsumer task) {
        if (threads == 1 || tasks <= 1) {
            IntStream.range(0, tasks).forEach(index -> scoped(task, index));
            return;
        }
        AtomicInteger next = new AtomicInteger();
        int parallel = Math.min(threads, tasks);
        CompletableFuture<?>[] all = IntStream.range(0, parallel)
                .mapToObj(thread -> CompletableFuture.runAsync(
                        () -> {
                            useThreads(threads / parallel);
                            for (int index = next.getAndIncrement(); index < tasks; index = next.getAndIncrement()) {
                                scoped(task, index);
                            }
                        },
                        executor))
                .toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(all).join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (failed.getCause() instanceof Error cause) {
                throw cause;
            }
            throw failed;
        }
    }

    private static void scoped(IntConsumer task, int index) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            task.accept(index);
        }
    }
}
