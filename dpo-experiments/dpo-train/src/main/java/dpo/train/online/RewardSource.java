package dpo.train.online;

/** The reward that a method maximises. */
public enum RewardSource {
    /** The reward of a controlled world, with which its pairs are labelled. */
    TRUE,
    /** A reward model, trained by Bradley–Terry on the training preferences. */
    LEARNED
}
