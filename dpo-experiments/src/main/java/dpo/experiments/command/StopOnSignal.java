package dpo.experiments.command;

import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;

/**
 * Turns Ctrl-C and SIGTERM into a request to stop at the next boundary from which the work can go on.
 *
 * <p>The virtual machine would tear down native libraries under a running step, which crashes it; so its shutdown waits
 * here until the work has ended by itself, and exits with the code that the work gives.
 */
final class StopOnSignal {

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Console console;
    private volatile boolean requested;
    private volatile int exitCode = ErrorMessages.FAILED;

    private StopOnSignal(Console console) {
        this.console = console;
    }

    /**
     * Does work that can be asked to stop.
     *
     * @param work takes the question whether to stop, gives an exit code; exceptions become messages and exit codes
     * @return the exit code
     */
    static int guard(Console console, ToIntFunction<BooleanSupplier> work) {
        StopOnSignal stop = new StopOnSignal(console);
        Thread hook = new Thread(stop::awaitEnd, "stop-at-step-boundary");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            stop.exitCode = work.applyAsInt(() -> stop.requested);
        } catch (RuntimeException | Error e) {
            stop.exitCode = ErrorMessages.tell(e, console);
        } finally {
            stop.ended.countDown();
        }
        if (!stop.requested) {
            remove(hook);
        }
        return stop.exitCode;
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shutdownHasBegun) {
            // The hook is running and will exit with our code.
        }
    }

    private void awaitEnd() {
        requested = true;
        console.say("stopping; what is under way ends or is left so that it can go on …");
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // The exit status of a shutdown by signal would be the signal's; ours says what became of the work.
        Runtime.getRuntime().halt(exitCode);
    }
}
