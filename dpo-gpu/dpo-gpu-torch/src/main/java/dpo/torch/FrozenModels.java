package dpo.torch;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** Frozen models that several policies use at once: one copy of each, for as long as a policy is open that uses it. */
final class FrozenModels {

    private final Map<Object, Shared> shared = new HashMap<>();

    private static final class Shared {
        private final BaseModel model;
        private int users;

        Shared(BaseModel model) {
            this.model = model;
        }
    }

    /**
     * A policy's hold on a model.
     *
     * @param model it
     * @param release to be called when the policy is closed; another call does nothing
     */
    record Lease(BaseModel model, Runnable release) {}

    /**
     * The model of a key.
     *
     * @param key what determines the model
     * @param open opens it where no policy has it open
     */
    synchronized Lease lease(Object key, Supplier<BaseModel> open) {
        Shared found = shared.get(key);
        if (found == null) {
            found = new Shared(open.get());
            shared.put(key, found);
        }
        found.users++;
        Shared leased = found;
        AtomicBoolean released = new AtomicBoolean();
        return new Lease(leased.model, () -> {
            if (!released.getAndSet(true)) {
                release(key, leased);
            }
        });
    }

    private synchronized void release(Object key, Shared released) {
        released.users--;
        if (released.users == 0) {
            shared.remove(key, released);
            released.model.close();
        }
    }
}
