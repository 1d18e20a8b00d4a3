package dpo.lab.turns;

import dpo.core.setting.Requirement;
import dpo.core.theory.Conversation;
import dpo.core.theory.Conversation.End;
import dpo.core.theory.Conversation.Reply;
import dpo.core.theory.Conversation.Turn;
import dpo.core.theory.ConversationWorld;
import dpo.lab.Answers;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A conversation of two turns with two answers each and a user with two replies between them. The reward is
 * {@code r_1(a_1) + r_2(u, a_2)}.
 *
 * @param reference π_ref of answer 1 in the first and in the second turn
 * @param firstRewards r_1 of answer 0 and of answer 1
 * @param secondRewards r_2(u, a_2): of replies 0, 0, 1, 1 with answers 0, 1, 0, 1
 * @param replies probability of reply 1 after answer 0 and after answer 1
 */
record TwoTurns(List<Double> reference, List<Double> firstRewards, List<Double> secondRewards, List<Double> replies) {

    /** The user who repeats the answer. */
    static final List<Double> ECHO = List.of(0.0, 1.0);

    TwoTurns {
        Answers.numbers("reference", reference, 2);
        Requirement.holds(
                reference.stream().allMatch(each -> each > 0 && each < 1),
                "reference",
                "must hold numbers in (0, 1)",
                reference);
        Answers.numbers("first_rewards", firstRewards, 2);
        Answers.numbers("second_rewards", secondRewards, 4);
        Answers.numbers("replies", replies, 2);
        Requirement.holds(
                replies.stream().allMatch(each -> each >= 0 && each <= 1),
                "replies",
                "must hold numbers in [0, 1]",
                replies);
    }

    ConversationWorld world() {
        return new ConversationWorld(new Turn(
                both(reference.get(0)),
                IntStream.range(0, 2)
                        .<Conversation>mapToObj(first -> new Reply(
                                both(replies.get(first)), List.of(secondTurn(first, 0), secondTurn(first, 1))))
                        .toList()));
    }

    private Conversation secondTurn(int first, int reply) {
        return new Turn(
                both(reference.get(1)), List.of(new End(reward(first, reply, 0)), new End(reward(first, reply, 1))));
    }

    private static List<Double> both(double ofOne) {
        return List.of(1 - ofOne, ofOne);
    }

    double reward(int first, int reply, int second) {
        return firstRewards.get(first) + secondRewards.get(2 * reply + second);
    }

    /** Probability of a reply after an answer. */
    double chance(int first, int reply) {
        return reply == 1 ? replies.get(first) : 1 - replies.get(first);
    }

    /** π_ref of an answer in a turn. */
    double prior(int turn, int answer) {
        return answer == 1 ? reference.get(turn) : 1 - reference.get(turn);
    }

    /** The same conversation with another user. */
    TwoTurns with(List<Double> others) {
        return new TwoTurns(reference, firstRewards, secondRewards, others);
    }
}
