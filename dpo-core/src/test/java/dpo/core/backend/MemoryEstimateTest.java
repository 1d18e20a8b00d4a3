package dpo.core.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dpo.core.backend.MemoryEstimate.Component;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryEstimateTest {

    private static final MemoryEstimate FIRST = new MemoryEstimate(List.of(
            Component.shared("weights", 100, "model a"),
            Component.own("moments", 7),
            Component.shared("runtime", 30, "runtime")));
    private static final MemoryEstimate SECOND = new MemoryEstimate(List.of(
            Component.shared("weights", 200, "model b"),
            Component.own("moments", 11),
            Component.shared("runtime", 30, "runtime")));

    @Test
    void shared_memory_counts_once_and_other_memory_for_every_policy() {
        assertThat(FIRST.bytes()).isEqualTo(137);
        assertThat(MemoryEstimate.together(List.of(FIRST, FIRST, FIRST)).bytes())
                .isEqualTo(100 + 3 * 7 + 30);
        assertThat(MemoryEstimate.together(List.of(FIRST, SECOND)).bytes()).isEqualTo(100 + 7 + 200 + 11 + 30);
    }

    @Test
    void components_of_one_name_are_added_up_in_their_order() {
        assertThat(MemoryEstimate.together(List.of(FIRST, SECOND)).byName())
                .containsExactly(entry("weights", 300L), entry("moments", 18L), entry("runtime", 30L));
        assertThat(MemoryEstimate.together(List.of()).bytes()).isZero();
    }

    @Test
    void a_negative_component_is_refused() {
        assertThatThrownBy(() -> Component.own("weights", -1)).hasMessageContaining("bytes of weights");
    }

    @Test
    void estimates_together_have_the_widest_error_range() {
        MemoryEstimate low = new MemoryEstimate(FIRST.components(), EstimateError.of(-0.1, 0.05, 0));
        MemoryEstimate high = new MemoryEstimate(SECOND.components(), EstimateError.of(0.2, 0.1));
        assertThat(MemoryEstimate.together(List.of(low, FIRST, high)).error())
                .contains(new EstimateError(-0.1, 0.2, 3));
        assertThat(MemoryEstimate.together(List.of(FIRST, SECOND)).error()).isEmpty();
        assertThat(EstimateError.of()).isEmpty();
    }
}
