package dpo.harness.config;

import dpo.core.setting.Setting;
import dpo.train.ReferenceUpdates;
import java.nio.file.Path;
import java.util.Optional;

/** A reference other than the initial policy: a model of its own, or one that follows the policy. */
public sealed interface ReferenceConfig {

    /** The updates of a reference that follows the policy; empty for a fixed one. */
    default Optional<ReferenceUpdates> updates() {
        return this instanceof Moving moving ? Optional.of(moving.settings()) : Optional.empty();
    }

    /** The folders of a reference of its own; empty for one that follows the policy. */
    default Optional<Own> own() {
        return this instanceof Own own ? Optional.of(own) : Optional.empty();
    }

    /**
     * A reference that begins as the policy and follows it.
     *
     * @param settings when and how far it moves
     */
    record Moving(ReferenceUpdates settings) implements ReferenceConfig {}

    /**
     * A fixed reference of its own, in the dtype of the policy.
     *
     * @param path folder of the model
     * @param adapter folder of its adapter
     */
    record Own(
            @Setting(about = "folder of a model, such as checkpoints/final of a run; it stays fixed")
            Path path,

            @Setting(about = "folder of an adapter of that model, in PEFT's format")
            Optional<Path> adapter)
            implements ReferenceConfig {}
}
