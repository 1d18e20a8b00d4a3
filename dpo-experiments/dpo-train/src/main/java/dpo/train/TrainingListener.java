package dpo.train;

/** Receives the events of a training in order, on the training thread. An exception of a listener ends the training. */
public interface TrainingListener {

    /** Training begins at a position; the policy has the parameters of that position. */
    default void onBegin(TrainingPosition begin) {}

    /** An optimizer step has been taken. */
    default void onStep(StepReport step, TrainingPosition reached) {}

    /**
     * An evaluation is the best so far, by {@link TrainingSettings#best}; called before {@link #onEvaluation} of it. The
     * policy has its parameters.
     */
    default void onBest(EvaluationReport evaluation) {}

    /** The policy has been evaluated. */
    default void onEvaluation(EvaluationReport evaluation, TrainingPosition reached) {}

    /** Training stops before its end, on request or without the other ranks; the policy is that of the position. */
    default void onStop(TrainingPosition at) {}
}
