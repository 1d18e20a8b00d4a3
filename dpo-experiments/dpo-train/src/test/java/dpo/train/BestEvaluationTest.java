package dpo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.InvalidInputException;
import dpo.train.BestEvaluation.Best;
import dpo.train.BestEvaluation.Direction;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BestEvaluationTest {

    private static Optional<Best> after(BestEvaluation choice, double... values) {
        Optional<Best> best = Optional.empty();
        for (int i = 0; i < values.length; i++) {
            best = Optional.of(choice.after(best, 10 * (i + 1), Map.of("m", values[i])));
        }
        return best;
    }

    private static BestEvaluation choice(Direction direction, int patience, double minDelta) {
        return new BestEvaluation("m", direction, Optional.of(patience), minDelta);
    }

    @Test
    void the_best_is_the_first_of_the_best_values_and_never_nan() {
        BestEvaluation lowest = choice(Direction.LOWEST, 9, 0);
        assertThat(after(lowest, Double.NaN, 0.5, 0.3, 0.3, Double.NaN, 0.4))
                .get()
                .extracting(Best::step, Best::value)
                .containsExactly(30, 0.3);
        assertThat(after(choice(Direction.HIGHEST, 9, 0), 0.5, 0.7, 0.7, 0.6))
                .get()
                .extracting(Best::step)
                .isEqualTo(20);
    }

    @Test
    void training_is_over_after_as_many_evaluations_without_an_improvement_as_the_patience() {
        BestEvaluation choice = choice(Direction.LOWEST, 2, 0);
        assertThat(choice.isOver(after(choice, 0.5, 0.4, 0.45))).isFalse();
        assertThat(choice.isOver(after(choice, 0.5, 0.4, 0.45, 0.41))).isTrue();
        assertThat(choice.isOver(after(choice, 0.5, 0.4, 0.45, 0.39))).isFalse();
        assertThat(choice.isOver(Optional.empty())).isFalse();
    }

    @Test
    void small_improvements_that_add_up_to_min_delta_count_for_the_patience_and_each_is_the_best() {
        BestEvaluation choice = choice(Direction.LOWEST, 2, 0.1);
        assertThat(after(choice, 0.5, 0.45, 0.39)).get().isEqualTo(new Best(30, 0.39, 0.39, 0));
        assertThat(after(choice, 0.5, 0.45, 0.41)).get().isEqualTo(new Best(30, 0.41, 0.5, 2));
        assertThat(choice.isOver(after(choice, 0.5, 0.45, 0.41))).isTrue();
    }

    @Test
    void a_metric_that_no_evaluation_has_is_an_error_with_the_known_ones() {
        assertThatThrownBy(() -> choice(Direction.LOWEST, 1, 0).after(Optional.empty(), 1, Map.of("eval/loss", 1.0)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("training.best.metric must be a metric of the evaluations [eval/loss], got m");
    }
}
