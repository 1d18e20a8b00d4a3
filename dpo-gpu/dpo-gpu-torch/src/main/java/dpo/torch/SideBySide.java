package dpo.torch;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
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
 * costs beside its numbers, is then paid on all of them at once.
 *
 * <p>Inside of a task libtorch has a single thread, so that the bits of a result do not depend on who took the task.
 */
@SuppressWarnings("try") // scopes are opened and closed, not used
final class SideBySide {

    private static final int IDLE_SECONDS = 10;

    private final int threads;
    private final ThreadPoolExecutor executor;

    /** So many threads, which are started when they are needed and end when they have not been for a while. */
    SideBySide(int threads) {
        this.threads = threads;
        this.executor = new ThreadPoolExecutor(
                threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
                    Thread thread = new Thread(() -> {
                        useThreads(1);
                        work.run();
                    }, "dpo-torch-side-by-side");
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
    }

    /**
     * Gives the calling thread so many threads of libtorch. The number belongs to a thread, but one that libtorch has not
     * seen yet would take over what any other has set last, so that it is made known first.
     */
    static void useThreads(int threads) {
        torch.get_num_threads();
        torch.set_num_threads(threads);
    }

    /**
     * Does tasks that are independent of each other, outside of libtorch's graph and each in a scope of its own, and
     * returns when all of them are done: on the calling thread, with libtorch's threads, where there is but one task or
     * thread.
     *
     * @param tasks their number; they are begun in ascending order
     * @throws RuntimeException the first that a task threw, when no task is running any more
     */
    void run(int tasks, IntConsumer task) {
        if (threads == 1 || tasks == 1) {
            IntStream.range(0, tasks).forEach(index -> alone(task, index));
            return;
        }
        AtomicInteger next = new AtomicInteger();
        CompletableFuture<?>[] all = IntStream.range(0, Math.min(threads, tasks))
                .mapToObj(thread -> CompletableFuture.runAsync(() -> {
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
