package dpo.core.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.loss.composed.TurnWeighted;
import dpo.core.loss.composed.TurnWeights;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.theory.Conversation.End;
import dpo.core.theory.Conversation.Reply;
import dpo.core.theory.Conversation.Turn;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConversationWorldTest {

    private static final double BETA = 0.6;

    /** A user with a reply of probability p to the second of three answers, then one more turn of the policy. */
    private static ConversationWorld world(double p) {
        Turn high = new Turn(List.of(0.3, 0.7), List.of(new End(2), new End(-1)));
        Turn low = new Turn(List.of(0.9, 0.1), List.of(new End(0), new End(1)));
        return new ConversationWorld(new Turn(
                List.of(0.5, 0.2, 0.3),
                List.of(new End(0.5), new Reply(List.of(p, 1 - p), List.of(high, low)), new End(-0.5))));
    }

    @Test
    void by_hand_the_value_of_the_optimum_is_the_soft_maximum_of_the_values_to_come() {
        double high = BETA * Math.log(0.3 * Math.exp(2 / BETA) + 0.7 * Math.exp(-1 / BETA));
        double low = BETA * Math.log(0.9 + 0.1 * Math.exp(1 / BETA));
        double middle = 0.4 * high + 0.6 * low;
        double start = BETA
                * Math.log(0.5 * Math.exp(0.5 / BETA) + 0.2 * Math.exp(middle / BETA) + 0.3 * Math.exp(-0.5 / BETA));
        assertThat(world(0.4).optimum(BETA).value()).isEqualTo(start, within(1e-12));
    }

    @Test
    void the_value_of_the_optimum_is_that_of_its_policy_and_no_other_policy_exceeds_it() {
        ConversationWorld world = world(0.4);
        ConversationWorld.Optimum optimum = world.optimum(BETA);
        assertThat(world.value(optimum.logits(), BETA)).isEqualTo(optimum.value(), within(1e-12));
        for (int i = 0; i < optimum.logits().length; i++) {
            double[] other = optimum.logits().clone();
            other[i] += 0.1;
            assertThat(world.value(other, BETA)).isLessThan(optimum.value());
        }
    }

    @Test
    void the_gradient_of_the_loss_is_the_derivative_of_its_value_also_with_weights_of_turns() {
        for (TurnWeights weights : List.of(new TurnWeights.All(), new TurnWeights.Discounted(0.5))) {
            ConversationLoss loss =
                    new ConversationLoss(world(0.4), new TurnWeighted(new SigmoidLoss(BETA, 0), weights));
            double[] logits = {0.1, 0.5, -0.2, 1, 0.3, -0.7, 0.4};
            for (int i = 0; i < logits.length; i++) {
                double[] above = logits.clone();
                double[] below = logits.clone();
                above[i] += 1e-5;
                below[i] -= 1e-5;
                double slope = (loss.at(above).value() - loss.at(below).value()) / 2e-5;
                assertThat(loss.at(logits).gradient()[i]).isEqualTo(slope, within(1e-9));
            }
        }
    }

    @Test
    void with_a_user_who_gives_one_reply_only_the_loss_over_all_turns_is_least_at_the_optimum() {
        ConversationWorld world = world(1);
        double[] found =
                new ConversationLoss(world, new SigmoidLoss(BETA, 0)).minimum().point();
        assertThat(world.value(found, BETA)).isEqualTo(world.optimum(BETA).value(), within(1e-10));
    }
}
