package dpo.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.sequence.TokenSequence;
import dpo.torch.training.PhaseEvent;
import java.util.List;
import org.junit.jupiter.api.Test;

class MatMulWorkTest {

    /** Three tokens of a prompt, then two and one: six packed, three scored. */
    private static final List<TokenSequence> PAIR = List.of(
            TokenSequence.of(new int[] {1, 2, 3}, new int[] {4, 5}),
            TokenSequence.of(new int[] {1, 2, 3}, new int[] {6}));

    @Test
    void a_trained_matrix_needs_two_operations_per_token_forward_and_four_backward() {
        MatMulWork.OfPass pass = new MatMulWork(10, 0, 7, false).of(PAIR);
        assertThat(pass.packed()).isEqualTo(6);
        assertThat(pass.scored()).isEqualTo(3);
        assertThat(pass.byPhase())
                .containsEntry(PhaseEvent.BODY_FORWARD, 120.0)
                .containsEntry(PhaseEvent.BODY_BACKWARD, 240.0)
                .containsEntry(PhaseEvent.HEAD_FORWARD, 42.0)
                .containsEntry(PhaseEvent.HEAD_BACKWARD, 126.0);
        assertThat(pass.total()).isEqualTo(528);
    }

    @Test
    void a_frozen_matrix_needs_two_operations_per_token_backward_and_a_frozen_head_none() {
        assertThat(new MatMulWork(10, 4, 7, false).of(PAIR).byPhase())
                .containsEntry(PhaseEvent.BODY_FORWARD, 168.0)
                .containsEntry(PhaseEvent.BODY_BACKWARD, 120.0 + 96.0)
                .containsEntry(PhaseEvent.HEAD_FORWARD, 84.0)
                .containsEntry(PhaseEvent.HEAD_BACKWARD, 0.0);
    }

    @Test
    void recomputed_layers_add_a_forward_pass_to_the_backward_pass() {
        assertThat(new MatMulWork(10, 0, 7, true).of(PAIR).byPhase())
                .containsEntry(PhaseEvent.BODY_FORWARD, 120.0)
                .containsEntry(PhaseEvent.BODY_BACKWARD, 360.0);
    }

    @Test
    void the_work_of_passes_adds_up() {
        MatMulWork.OfPass pass = new MatMulWork(10, 4, 7, true).of(PAIR);
        MatMulWork.OfPass both = pass.plus(pass);
        assertThat(both.packed()).isEqualTo(12);
        assertThat(both.scored()).isEqualTo(6);
        pass.byPhase().forEach((phase, work) -> assertThat(both.byPhase()).containsEntry(phase, 2 * work));
    }
}
