package dpo.torch;

import java.util.function.Supplier;
import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * A phase of a training step, for JDK Flight Recorder: {@code dpo.Phase} with its name and the time that it took.
 * Phases lie one after another and not in each other, so that their times add up. Where nobody records, nothing is
 * measured.
 */
@Name("dpo.Phase")
@Label("Phase of a Training Step")
@Category("dpo")
@StackTrace(false)
final class PhaseEvent extends Event {

    /** Rows checked and laid out. */
    static final String DATA = "data";

    /** From token ids to the last hidden states. */
    static final String BODY_FORWARD = "body forward";

    /** From the last hidden states to log-probabilities. */
    static final String HEAD_FORWARD = "head forward";

    /** From the gradient of the log-probabilities to that of the last hidden states. */
    static final String HEAD_BACKWARD = "head backward";

    /** From there to the embeddings. */
    static final String BODY_BACKWARD = "body backward";

    /** Clipping, and the move of the parameters. */
    static final String OPTIMIZER = "optimizer";

    @Label("Phase")
    private final String name;

    private PhaseEvent(String name) {
        this.name = name;
    }

    /** Does some work as a phase. */
    static <T> T in(String name, Supplier<T> work) {
        PhaseEvent event = new PhaseEvent(name);
        event.begin();
        try {
            return work.get();
        } finally {
            event.commit();
        }
    }

    /** The same for work without a result; under a name of its own, so that a method reference fits one of them. */
    static void run(String name, Runnable work) {
        PhaseEvent event = new PhaseEvent(name);
        event.begin();
        try {
            work.run();
        } finally {
            event.commit();
        }
    }
}
