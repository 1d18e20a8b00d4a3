package dpo.cli;

import dpo.harness.cluster.Cluster;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;

/**
 * Ends the process with exit code 130 on Ctrl-C or SIGTERM: at once if there is no work that could be lost, else after
 * the work has stopped at a point from which it can resume.
 *
 * <p>Without this the virtual machine would unload native libraries during a step and crash, so its shutdown waits
 * until the work has stopped.
 */
final class StopOnSignal {

    /** Maximum time to wait, because work that hangs would never stop. A run can resume from its last checkpoint. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private volatile boolean requested;
    private boolean isExiting;
    private boolean isWorking;
    private int exitCode = ErrorMessages.INTERRUPTED;
    private Console console = Console.standard();

    /** Starts to handle signals; the end of the input too, if the process that started this one asks for it. */
    void install() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::awaitEnd, "stop-at-step-boundary"));
        if (System.getenv(Cluster.STOP_AT_END_OF_INPUT) != null) {
            EndOfInput.then(() -> System.exit(ErrorMessages.INTERRUPTED));
        }
    }

    /**
     * Runs work that polls whether to stop.
     *
     * @param work receives a supplier that is true once a stop was requested, and returns an exit code; exceptions
     *     become messages and exit codes
     * @return the exit code; 130 instead of 0 if a stop was requested before the end
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

    /** Ends the process with an exit code; if a stop was requested, the stop decides the exit code. */
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
                console.print("stopping: saving resumable state …");
            }
        }
        if (!awaitWork(LONGEST_WAIT)) {
            console.print("stopped without a new checkpoint: the work did not stop within " + LONGEST_WAIT.toMinutes()
                    + " minutes");
        }
        // Otherwise the exit status would be that of the signal, for any result of the work.
        Runtime.getRuntime().halt(exitCode);
    }

    /** Waits until the work has stopped; returns false after the longest time to wait. */
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
