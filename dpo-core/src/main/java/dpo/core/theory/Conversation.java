package dpo.core.theory;

import java.util.List;

/**
 * A finite conversation as a tree: turns of the policy, replies of a user who answers at random, and a reward at the end.
 */
public sealed interface Conversation {

    /**
     * The policy chooses one of several answers.
     *
     * @param reference π_ref of each answer at this point, positive, with sum 1
     * @param next how the conversation continues after each answer
     */
    record Turn(List<Double> reference, List<Conversation> next) implements Conversation {

        public Turn {
            reference = List.copyOf(reference);
            next = List.copyOf(next);
        }
    }

    /**
     * The user replies at random.
     *
     * @param probabilities probability of each reply at this point, with sum 1
     * @param next how the conversation continues after each reply
     */
    record Reply(List<Double> probabilities, List<Conversation> next) implements Conversation {

        public Reply {
            probabilities = List.copyOf(probabilities);
            next = List.copyOf(next);
        }
    }

    /**
     * The conversation is over.
     *
     * @param reward r of the whole conversation
     */
    record End(double reward) implements Conversation {}
}
