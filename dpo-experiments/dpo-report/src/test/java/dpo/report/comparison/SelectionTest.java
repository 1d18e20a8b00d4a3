package dpo.report.comparison;

import static dpo.report.comparison.SweepOfLosses.LOSS;
import static dpo.report.comparison.SweepOfLosses.TYPE;
import static dpo.report.comparison.SweepOfLosses.column;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.report.results.Table;
import dpo.statistics.IntervalKind;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SelectionTest {

    @TempDir
    private Path folder;

    private SweepOfLosses sweep;

    @BeforeEach
    void open() {
        sweep = new SweepOfLosses(folder);
    }

    @Test
    void the_best_setting_is_selected_on_half_of_the_seeds_and_reported_on_the_others() {
        sweep.runs("sigmoid", 0.50, 0.60, 0.75, 0.80);
        sweep.runs("ipo", 0.40, 0.30, 0.99, 0.97);

        Table table =
                sweep.with(results -> new Selection(results, LOSS, false).table(List.of(LOSS), IntervalKind.CI95));

        assertThat(column(table, TYPE)).containsExactly("ipo");
        assertThat(column(table, "n")).containsExactly(2L);
        assertThat((Double) column(table, "eval/loss mean").get(0)).isCloseTo(0.98, within(1e-12));
        assertThat(table.caption())
                .contains("among 2 settings", "lowest mean of eval/loss over seeds 1, 2", "other seeds 3, 4");
    }

    @Test
    void a_setting_that_diverged_on_a_selecting_seed_cannot_be_selected_and_is_named() {
        sweep.runs("sigmoid", 0.50, 0.60);
        sweep.runs("ipo", Double.NaN, 0.30);

        Table table =
                sweep.with(results -> new Selection(results, LOSS, false).table(List.of(LOSS), IntervalKind.CI95));

        assertThat(column(table, TYPE)).containsExactly("sigmoid");
        assertThat(table.caption()).contains("Not selectable, because eval/loss is not finite: " + TYPE + " = ipo.");
    }

    @Test
    void columns_are_in_the_order_of_the_other_tables_and_a_single_seed_is_named_as_one() {
        sweep.cell("ipo", 1, 0.3, Map.of("reduction", "sum"));
        sweep.cell("ipo", 2, 0.3, Map.of("reduction", "sum"));
        sweep.cell("hinge", 1, 0.5, Map.of());
        sweep.cell("hinge", 2, 0.5, Map.of());

        Table table =
                sweep.with(results -> new Selection(results, LOSS, false).table(List.of(LOSS), IntervalKind.CI95));

        assertThat(table.columns()).startsWith(TYPE, "reduction", "n");
        assertThat(table.caption()).contains("over seed 1; reported over the other seed 2,");
    }

    @Test
    void a_selection_needs_two_common_seeds() {
        sweep.runs("sigmoid", 0.50);
        sweep.runs("ipo", 0.75);

        assertThatThrownBy(() ->
                        sweep.with(results -> new Selection(results, LOSS, true).table(List.of(LOSS), IntervalKind.SD)))
                .hasMessageContaining("at least two seeds");
    }
}
