package dpo.lab;

import java.lang.reflect.RecordComponent;

/**
 * An experiment about one claim of the theory.
 *
 * <p>An implementation is a record annotated with {@link Claim}. Its components are its settings, each annotated with
 * {@link dpo.core.setting.Setting}; its constructor checks them with {@link dpo.core.setting.Requirement}.
 *
 * <p><b>Contract.</b> {@link #run} is deterministic: equal settings give equal outcomes, bit by bit. A quantity is
 * measured with the objectives, policies and solvers of this library, and its expected value comes from an independent
 * derivation (a closed form, or another algorithm) for the same settings, so an error in either is noticed. No value
 * is tabulated.
 */
public interface Experiment {

    /** Computes the quantities and the verdict at these settings. */
    Outcome run();

    /** The claim of an experiment's class. */
    static Claim claim(Class<? extends Experiment> experiment) {
        Claim claim = experiment.getAnnotation(Claim.class);
        if (claim == null) {
            throw new IllegalArgumentException("experiment must be annotated with Claim, got " + experiment.getName());
        }
        return claim;
    }

    /** The record class of an experiment, which holds its settings. */
    static Class<? extends Record> settings(Class<? extends Experiment> experiment) {
        RecordComponent[] components = experiment.getRecordComponents();
        if (components == null) {
            throw new IllegalArgumentException("experiment must be a record, got " + experiment.getName());
        }
        return experiment.asSubclass(Record.class);
    }
}
