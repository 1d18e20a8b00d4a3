package dpo.harness.config;

import dpo.core.backend.Backend;
import java.util.Map;
import java.util.Optional;

/** The model of a reference of its own. */
public final class ReferenceModel {

    private ReferenceModel() {}

    /**
     * A configuration whose model is the reference's, in the dtype of the policy; empty if the reference begins as the
     * policy.
     */
    public static Optional<ExperimentConfig> of(ExperimentConfig config, Backends backends) {
        return config.ownReference().map(own -> of(config, own, backends));
    }

    /** A configuration whose model is that in some folders, in the dtype of the policy. */
    public static ExperimentConfig of(ExperimentConfig config, ReferenceConfig.Own own, Backends backends) {
        Backend<?> backend = backends.find(config.backend()).orElseThrow();
        Map<String, Object> policy = new ConfigWriter(Codecs.all(backends)).record(config.model());
        Optional<String> dtype = Optional.ofNullable(policy.get("dtype")).map(Object::toString);
        return config.with(ConfigValue.model(backend, own.path(), dtype, own.adapter()));
    }
}
