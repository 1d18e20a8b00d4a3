package dpo.nd4j.network;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Holds Deeplearning4j's workspace of activations on this thread from a forward to its backward pass. The memory of a
 * workspace is used again and again, so it does not grow; without one it would wait for Java's garbage collector.
 *
 * <p>Networks on one thread share the workspace: it is emptied when the last holder is closed. Between uses it is not
 * the current one, so that what is to live longer is not put into it.
 */
public final class Activations implements AutoCloseable {

    /** How many hold the workspace of this thread, as the workspace is one of the thread. */
    private static final ThreadLocal<AtomicInteger> HOLDERS = ThreadLocal.withInitial(AtomicInteger::new);

    private final MemoryWorkspace workspace;
    private boolean closed;

    /** Holds the workspace. */
    public Activations() {
        this.workspace = BodyGraph.workspace();
        if (HOLDERS.get().getAndIncrement() == 0) {
            workspace.notifyScopeEntered();
            leave();
        }
    }

    /** Runs work whose arrays live until this is closed. */
    public <T> T in(Supplier<T> work) {
        makeCurrent();
        try {
            return work.get();
        } finally {
            leave();
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            if (HOLDERS.get().decrementAndGet() == 0) {
                makeCurrent();
                workspace.close();
                leave();
            }
        }
    }

    private void makeCurrent() {
        Nd4j.getMemoryManager().setCurrentWorkspace(workspace);
    }

    @SuppressWarnings("NullAway") // null is ND4J's word for none
    private static void leave() {
        Nd4j.getMemoryManager().setCurrentWorkspace(null);
    }

    /** Frees the memory of this thread's workspaces if none is held. */
    public static void free() {
        if (HOLDERS.get().get() == 0) {
            Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
        }
    }
}
