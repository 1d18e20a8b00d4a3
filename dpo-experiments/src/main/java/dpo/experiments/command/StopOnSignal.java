package dpo.experiments.command;

import java.util.concurrent.CountDownLatch;

/**
 * Turns Ctrl-C and SIGTERM into a request to stop at the next step boundary.
 *
 * <p>The virtual machine would tear down native libraries under a running step, which crashes it; so its shutdown waits
 * here until the step is done and its checkpoint written.
 */
final class StopOnSignal implements AutoCloseable {

    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook;
    private volatile boolean requested;

    private StopOnSignal(Console console) {
        this.hook = new Thread(() -> awaitBoundary(console), "stop-at-step-boundary");
    }

    /** Begins to listen; ends when closed. */
    static StopOnSignal install(Console console) {
        StopOnSignal stop = new StopOnSignal(console);
        Runtime.getRuntime().addShutdownHook(stop.hook);
        return stop;
    }

    /** Whether a stop was requested. */
    boolean requested() {
        return requested;
    }

    private void awaitBoundary(Console console) {
        requested = true;
        console.say("stopping at the end of this step …");
        try {
            done.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // The exit status of a shutdown by signal would be the signal's; ours says that the run can be resumed.
        Runtime.getRuntime().halt(ErrorMessages.INTERRUPTED);
    }

    @Override
    public void close() {
        done.countDown();
        if (!requested) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException shutdownHasBegun) {
                requested = true;
            }
        }
    }
}
