package dpo.torch.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.torch.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** Dropout of single tensors. */
@SuppressWarnings("try") // pointer scopes are only opened and closed
class DropoutTest {

    @Test
    void a_number_is_dropped_or_scaled_up_and_the_mean_over_masks_is_unchanged() {
        try (PointerScope scope = new PointerScope()) {
            Tensor ones = torch.ones(40, 25);
            double[] mean = new double[1000];
            for (int seed = 0; seed < 400; seed++) {
                double[] drawn = Tensors.toDoubles(new Dropout(0.2, seed).apply("q_proj", ones));
                assertThat(Arrays.stream(drawn).allMatch(x -> x == 0 || x == 1.25))
                        .isTrue();
                for (int i = 0; i < mean.length; i++) {
                    mean[i] += drawn[i] / 400;
                }
            }
            // A mean of 400 draws deviates by 0.025; of 400 000 by 0.0008.
            assertThat(Arrays.stream(mean).average().orElseThrow()).isCloseTo(1, within(0.004));
            double largest = Arrays.stream(mean).map(m -> Math.abs(m - 1)).max().orElseThrow();
            assertThat(largest).isLessThan(0.125);
        }
    }

    @Test
    void the_mask_depends_on_seed_and_name() {
        try (PointerScope scope = new PointerScope()) {
            Tensor ones = torch.ones(8, 8);
            double[] one = Tensors.toDoubles(new Dropout(0.5, 1).apply("q_proj", ones));
            assertThat(Tensors.toDoubles(new Dropout(0.5, 1).apply("q_proj", ones)))
                    .isEqualTo(one);
            assertThat(Tensors.toDoubles(new Dropout(0.5, 1).apply("k_proj", ones)))
                    .isNotEqualTo(one);
            assertThat(Tensors.toDoubles(new Dropout(0.5, 2).apply("q_proj", ones)))
                    .isNotEqualTo(one);
        }
    }
}
