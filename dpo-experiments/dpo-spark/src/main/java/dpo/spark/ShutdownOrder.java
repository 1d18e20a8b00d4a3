package dpo.spark;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.util.ShutdownHookManager;

/**
 * Keeps Spark alive after a signal, until work with it has stopped. Spark's own hooks, which end its client and the
 * executors that it has started, would run at once; they belong to Hadoop's hooks, which run one after the other.
 */
final class ShutdownOrder implements AutoCloseable {

    /** Spark's hooks have a priority below 100. */
    private static final int BEFORE_SPARK = 1_000;

    /** Longer than the program waits for its work. */
    private static final int LONGEST_MINUTES = 20;

    private final CountDownLatch end = new CountDownLatch(1);
    private final Runnable hook = this::await;

    private ShutdownOrder() {}

    static ShutdownOrder thisBeforeSpark() {
        ShutdownOrder order = new ShutdownOrder();
        if (!ShutdownHookManager.get().isShutdownInProgress()) {
            ShutdownHookManager.get().addShutdownHook(order.hook, BEFORE_SPARK, LONGEST_MINUTES, TimeUnit.MINUTES);
        }
        return order;
    }

    private void await() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        end.countDown();
        if (!ShutdownHookManager.get().isShutdownInProgress()) {
            ShutdownHookManager.get().removeShutdownHook(hook);
        }
    }
}
