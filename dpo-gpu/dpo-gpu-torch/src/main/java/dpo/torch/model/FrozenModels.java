package dpo.torch.model;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** The frozen models that policies share: one copy of each, for as long as a policy that uses it is open. */
public final class FrozenModels {

    private final Map<Object, Shared> shared = new HashMap<>();

    private static final class Shared {
        private final BaseModel model;
        private int users;

        Shared(BaseModel model) {
            this.model = model;
        }
    }

    /**
     * The use of a model by one policy.
     *
     * @param model the model
     * @param release called when the policy is closed; further calls do nothing
     */
    public record Lease(BaseModel model, Runnable release) {}

    /**
     * Returns the model of a key.
     *
     * @param key identifies the model
     * @param open opens the model if no policy has it open
     */
    public synchronized Lease lease(Object key, Supplier<BaseModel> open) {
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
