package dpo.cli;

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
            code = ErrorMessages.tell(e, messages);
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

    private synchronized void awaitEnd() {
        if (isExiting) {
            return;
        }
        requested = true;
        if (isWorking) {
            console.say("stopping: saving resumable state …");
        }
        try {
            while (isWorking) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // The exit status of a shutdown by signal would be the signal's; ours says what became of the work.
        Runtime.getRuntime().halt(exitCode);
    }
}
