package dpo.cli;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;

/**
 * Turns Ctrl-C and SIGTERM into exit code 130: at once while nothing is under way that could be lost, else after the work
 * under way has stopped at the next boundary from which it can resume.
 *
 * <p>The virtual machine would tear down native libraries under a running step, which crashes it; so its shutdown waits
 * here until the work has ended by itself.
 */
final class StopOnSignal {

    /** After this, the process ends even so: a run has its last checkpoint, and work that hangs would never end. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private volatile boolean requested;
    private boolean isExiting;
    private boolean isWorking;
    private int exitCode = ErrorMessages.INTERRUPTED;
    private Console console = Console.standard();

    /** Handles the signals to this process from now on. */
    void install() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::awaitEnd, "stop-at-step-boundary"));
    }

    /**
     * Does work that can be asked to stop.
     *
     * @param work takes the question whether to stop, gives an exit code; exceptions become messages and exit codes
     * @return the exit code; 130 instead of 0 where a stop was requested before the end
     */
    int guard(Console messages, ToIntFunction<BooleanSupplier> work) {
        begin(messages);
        int code = ErrorMessages.FAILED;
        try {
            code = work.applyAsInt(() -> requested);
        } catch (RuntimeException | Error e) {
            code = ErrorMessages.report(e, messages);
        } finally {
            code = end(code);
        }
        return code;
    }

    private synchronized void begin(Console messages) {
        console = messages;
        isWorking = true;
    }

    private synchronized int end(int code) {
        isWorking = false;
        exitCode = code == 0 ? ErrorMessages.INTERRUPTED : code;
        notifyAll();
        return requested ? exitCode : code;
    }

    /** Ends the process by itself; where a stop has been requested, as that does. */
    void exit(int code) {
        synchronized (this) {
            isExiting = !requested;
        }
        System.exit(code);
    }

    private void awaitEnd() {
        synchronized (this) {
            if (isExiting) {
                return;
            }
            requested = true;
            if (isWorking) {
                console.say("stopping: saving resumable state …");
            }
        }
        if (!awaitWork(LONGEST_WAIT)) {
            console.say("stopped without a new checkpoint: the work under way did not end in "
                    + LONGEST_WAIT.toMinutes() + " minutes");
        }
        // The exit status of a shutdown by signal would be the signal's; ours says what became of the work.
        Runtime.getRuntime().halt(exitCode);
    }

    /** Waits until no work is under way; false where that takes longer than some time. */
    synchronized boolean awaitWork(Duration longest) {
        long end = System.nanoTime() + longest.toNanos();
        try {
            while (isWorking) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return true;
    }
}
