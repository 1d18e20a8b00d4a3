package dpo.torch;

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
 * Threads that do one task each, instead of all of them the operations of one task together: what a small operation
 * costs beside its numbers is then paid on all of them at once.
 *
 * <p>Inside of a task libtorch has its share of the threads, one where there are as many tasks as threads; the share
 * follows from both numbers, and so the bits of a result do not depend on who took a task.
 */
@SuppressWarnings("try") // scopes are opened and closed, not used
final class SideBySide {

    private static final int IDLE_SECONDS = 10;

    private final int threads;
    private final ExecutorService executor;

    /**
     * So many threads for each caller, who waits meanwhile; they are started when they are needed and end when they have
     * not been for a while.
     */
    SideBySide(int threads) {
        this.threads = threads;
        this.executor = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), work -> {
                    Thread thread = new Thread(work, "dpo-torch-side-by-side");
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /**
     * Gives the calling thread so many threads of libtorch. The number belongs to a thread, but one that libtorch has not
     * seen yet would take over what any other has set last, so that it is made known first.
     */
    static void useThreads(int threads) {
        if (torch.get_num_threads() != threads) {
            torch.set_num_threads(threads);
        }
    }

    /**
     * Does tasks that are independent of each other, outside of libtorch's graph and each in a scope of its own, and
     * returns when all of them are done: on the calling thread, with libtorch's threads, where there is but one task or
     * thread.
     *
     * @param tasks their number; they are begun in ascending order
     * @throws RuntimeException one that a task threw, when no task is running any more; an {@link Error} likewise
     */
    void run(int tasks, IntConsumer task) {
        if (threads == 1 || tasks <= 1) {
            IntStream.range(0, tasks).forEach(index -> alone(task, index));
            return;
        }
        AtomicInteger next = new AtomicInteger();
        int together = Math.min(threads, tasks);
        CompletableFuture<?>[] all = IntStream.range(0, together)
                .mapToObj(thread -> CompletableFuture.runAsync(() -> {
                    useThreads(threads / together);
                    for (int index = next.getAndIncrement(); index < tasks; index = next.getAndIncrement()) {
                        alone(task, index);
                    }
                }, executor))
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

    private static void alone(IntConsumer task, int index) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            task.accept(index);
        }
    }
}
