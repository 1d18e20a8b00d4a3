package dpo.cli;

import java.io.IOException;
import java.io.OutputStream;

/** The end of the standard input, by which a process sees the death of the one that has started it. */
final class EndOfInput {

    private EndOfInput() {}

    /** Runs an action on a thread of its own when the standard input ends; what comes before is discarded. */
    static void then(Runnable action) {
        Thread watch = new Thread(
                () -> {
                    try {
                        System.in.transferTo(OutputStream.nullOutputStream());
                    } catch (IOException broken) {
                        // The other end is gone as well.
                    }
                    action.run();
                },
                "end-of-input");
        watch.setDaemon(true);
        watch.start();
    }
}
