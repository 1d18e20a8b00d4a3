package dpo.torch.training;

import java.util.function.Supplier;
import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * A phase of a training step, for JDK Flight Recorder: {@code dpo.Phase} with its name and duration. Phases follow each
 * other and are not nested, so their durations add up. Nothing is measured without a recording.
 */
@Name("dpo.Phase")
@Label("Phase of a Training Step")
@Category("dpo")
@StackTrace(false)
public final class PhaseEvent extends Event {

    /** Rows are checked and packed. */
    public static final String DATA = "data";

    /** From token ids to the last hidden states. */
    public static final String BODY_FORWARD = "body forward";

    /** From the last hidden states to log-probabilities. */
    public static final String HEAD_FORWARD = "head forward";

    /** From the gradient of the log-probabilities to that of the last hidden states. */
    public static final String HEAD_BACKWARD = "head backward";

    /** From the gradient of the last hidden states to that of the embeddings. */
    public static final String BODY_BACKWARD = "body backward";

    /** Gradients are clipped, and parameters updated. */
    public static final String OPTIMIZER = "optimizer";

    @Label("Phase")
    @SuppressWarnings("UnusedVariable") // read by the flight recorder
    private final String name;

    private PhaseEvent(String name) {
        this.name = name;
    }

    /** Runs work as a phase. */
    public static <T> T in(String name, Supplier<T> work) {
        PhaseEvent event = new PhaseEvent(name);
        event.begin();
        try {
            return work.get();
        } finally {
            event.commit();
        }
    }

    /**
     * Runs work without a result as a phase; not an overload of {@link #in}, so that a method reference fits only one.
     */
    public static void run(String name, Runnable work) {
        in(name, () -> {
            work.run();
            return true;
        });
    }
}
