package dpo.core.tabular;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.AdamW;
import dpo.core.backend.Execution;
import dpo.core.backend.Optimizer;
import dpo.core.backend.ScalarModel;
import dpo.core.backend.ScalarModelContract;
import dpo.core.backend.ScalarPass;
import dpo.core.sequence.TokenSequence;
import java.util.List;
import org.junit.jupiter.api.Test;

class TabularScalarModelTest implements ScalarModelContract {

    @Override
    public ScalarModel open() {
        return new TabularBackend().openScalar(new TabularModel(5, 4, 2, 3, 1, 1), new Execution("cpu", 1), 1);
    }

    @Override
    public List<TokenSequence> sequences() {
        int[] prompt = {5};
        return List.of(
                TokenSequence.of(prompt, new int[] {1, 2, 3, 0}),
                TokenSequence.of(prompt, new int[] {2, 0}),
                TokenSequence.of(new int[] {6}, new int[] {4, 4, 4}),
                TokenSequence.of(new int[] {6}, new int[] {3}));
    }

    @Test
    void a_value_is_the_sum_of_earlier_transitions_and_of_the_state() {
        // One step of gradient descent on the last value of a path that ends: one per transition, no state's value.
        List<TokenSequence> path = List.of(TokenSequence.of(new int[] {5}, new int[] {1, 2, 0}));
        try (ScalarModel model = open();
                Optimizer optimizer = model.optimizer(new AdamW(1, List.of(0.0, 0.0), 1e12, 0, 1e300))) {
            try (ScalarPass pass = model.forward(path)) {
                pass.backward(new double[][] {{0, 0, 0, -1}});
            }
            assertThat(optimizer.step(1e12)).isCloseTo(Math.sqrt(3), within(1e-12));
            assertThat(model.values(path)[0]).containsExactly(new double[] {0, 1, 2, 3}, within(1e-9));
            try (ScalarPass pass = model.forward(path)) {
                pass.backward(new double[][] {{-1, 0, 0, 0}});
            }
            optimizer.step(1e12);
            assertThat(model.values(path)[0]).containsExactly(new double[] {1, 1, 2, 3}, within(1e-9));
        }
    }
}
