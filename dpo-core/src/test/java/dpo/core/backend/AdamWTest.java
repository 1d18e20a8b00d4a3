package dpo.core.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class AdamWTest {

    private static final List<Double> BETAS = List.of(0.9, 0.999);

    @Test
    void settings_out_of_range_are_refused_by_their_key() {
        assertThatThrownBy(() -> new AdamW(Double.NaN, BETAS, 1e-8, 0, 1)).hasMessageContaining("learning_rate must");
        assertThatThrownBy(() -> new AdamW(1, List.of(0.9), 1e-8, 0, 1))
                .hasMessage("betas must be two numbers, got [0.9]");
        assertThatThrownBy(() -> new AdamW(1, List.of(0.9, 1.0), 1e-8, 0, 1))
                .hasMessage("betas must be in [0.0, 1.0), got 1.0");
        assertThatThrownBy(() -> new AdamW(1, BETAS, 0, 0, 1)).hasMessageContaining("epsilon must be positive");
        assertThatThrownBy(() -> new AdamW(1, BETAS, 1e-8, -1, 1)).hasMessageContaining("weight_decay must");
        assertThatThrownBy(() -> new AdamW(1, BETAS, 1e-8, 0, Double.NaN))
                .hasMessage("max_grad_norm must be positive, got NaN");
        assertThatThrownBy(() -> new Execution("cpu", 0)).hasMessage("threads must be at least 1, got 0");
    }

    @Test
    void an_infinite_maximum_disables_clipping() {
        assertThat(new AdamW(1, BETAS, 1e-8, 0, Double.POSITIVE_INFINITY).maxGradNorm())
                .isInfinite();
    }
}
