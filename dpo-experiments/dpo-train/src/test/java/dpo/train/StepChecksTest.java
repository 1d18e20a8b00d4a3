package dpo.train;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.pairwise.HingeLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.Preference;
import dpo.core.tabular.TabularModel;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StepChecksTest {

    private static final List<Preference> PAIRS =
            new TabularModel(5, 4, 2, 0, 1, 1).world().samplePairs(4, new RandomStreams(1).stream("pairs"));

    private static void require(PreferenceLoss loss, double margin, double accuracy) {
        StepChecks.requireBounds(
                7,
                loss,
                0.5,
                Map.of("rewards/margins", margin, "rewards/accuracies", accuracy, "rewards/ties", 0.0),
                PAIRS);
    }

    @Test
    void a_margin_or_a_share_of_wrong_pairs_that_the_sigmoid_loss_excludes_is_a_fault() {
        SigmoidLoss sigmoid = new SigmoidLoss(0.1, 0);
        assertThatCode(() -> require(sigmoid, 0.4328, 0.28)).doesNotThrowAnyException();
        assertThatThrownBy(() -> require(sigmoid, 0.4327, 0.28))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("at step 7; this is a fault of the program");
        assertThatThrownBy(() -> require(sigmoid, 0.5, 0.27)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void other_objectives_and_label_smoothing_have_no_such_bounds() {
        assertThatCode(() -> require(new SigmoidLoss(0.1, 0.1), -1, 0)).doesNotThrowAnyException();
        assertThatCode(() -> require(new HingeLoss(0.1), -1, 0)).doesNotThrowAnyException();
    }
}
