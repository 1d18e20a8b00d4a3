package dpo.core.tabular;

import dpo.core.backend.Availability;
import dpo.core.backend.Backend;
import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.backend.PreferenceSampler;
import dpo.core.backend.ScalarModel;
import java.util.Map;
import java.util.Optional;

/**
 * Position-dependent Markov policies with exact gradients, in plain Java on one thread of the CPU.
 *
 * <p>A policy is a table of logits θ over the states of a {@link dpo.core.world.MarkovShape}, π = softmax(θ). Weight
 * decay applies to all logits.
 */
public final class TabularBackend implements Backend<TabularModel> {

    private static final String DEVICE = "cpu";

    @Override
    public String name() {
        return "tabular";
    }

    @Override
    public Class<TabularModel> modelSettings() {
        return TabularModel.class;
    }

    @Override
    public Availability availability(String device) {
        return device.equals(DEVICE)
                ? new Availability.Available()
                : new Availability.Missing("the tabular backend runs on the cpu only, got " + device);
    }

    @Override
    public Map<String, String> diagnostics() {
        return Map.of("java", Runtime.version().toString());
    }

    @Override
    public Optional<PreferenceSampler> sampler(TabularModel model) {
        return Optional.of((n, random) -> model.world().samplePairs(n, random));
    }

    /**
     * Opens the world's reference as a trainable policy. The seed of the run is not used; all weights depend only on
     * the world.
     */
    @Override
    public Policy open(TabularModel model, Execution execution, long seed) {
        requireDevice(execution);
        return new TabularPolicy(model);
    }

    /** Opens a scalar model of the world's transitions and states, all 0. */
    @Override
    public ScalarModel openScalar(TabularModel model, Execution execution, long seed) {
        requireDevice(execution);
        return new TabularScalarModel(model);
    }

    private static void requireDevice(Execution execution) {
        if (!execution.device().equals(DEVICE)) {
            throw new IllegalArgumentException("device must be cpu, got " + execution.device() + " (backend tabular)");
        }
    }
}
