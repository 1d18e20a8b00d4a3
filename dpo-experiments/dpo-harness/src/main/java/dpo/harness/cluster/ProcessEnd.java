package dpo.harness.cluster;

import java.io.Serializable;

/**
 * How a process of a cluster ended.
 *
 * @param exitCode its exit code; {@link #LOST} if nobody has seen it
 * @param messages the last lines of its error output, or why its end was not seen
 */
public record ProcessEnd(int exitCode, String messages) implements Serializable {

    /** The exit code of a process that has done its work. */
    public static final int DONE = 0;

    /** The exit code of a process that cannot use its input, or that cannot be started. */
    public static final int REFUSED = 2;

    /** In place of the exit code of a process whose machine was lost. */
    public static final int LOST = -1;

    /** The exit code of a process that was stopped and has saved its state. */
    public static final int STOPPED = 130;

    /** The shell's exit codes above this one mean a signal. */
    private static final int SIGNALS = 128;

    /** The end without the messages, for people. */
    public String cause() {
        if (exitCode == LOST) {
            return "lost its machine";
        }
        if (exitCode == STOPPED) {
            return "was stopped";
        }
        return "ended with exit code " + exitCode
                + (exitCode > SIGNALS ? " (signal " + (exitCode - SIGNALS) + ")" : "");
    }
}
