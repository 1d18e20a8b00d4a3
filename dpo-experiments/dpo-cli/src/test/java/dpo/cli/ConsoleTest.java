package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.train.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The output to a terminal and to a pipe, with a clock that the test controls. */
class ConsoleTest {

    private static final String CLEAR = "\r\033[K";

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long now = Duration.ofHours(1).toNanos();

    @Test
    void a_terminal_shows_one_task_with_its_bar_and_the_remaining_time() {
        Console console = console(true);
        console.begin("training", 4);
        after(10);
        console.at(1, "loss 0.6931");
        assertThat(written())
                .isEqualTo(CLEAR
                        + unwrapped("[" + "#".repeat(7) + " ".repeat(23)
                                + "] training 1/4, loss 0.6931, 10.0 s each, 30 s left"));
        console.at(2, "loss 0.5");
        assertThat(written()).as("not before it is time to show it").isEmpty();
        console.print("a message");
        assertThat(written()).isEqualTo(CLEAR + "a message\n");
    }

    @Test
    void a_terminal_shows_all_running_cells_in_one_line_in_the_order_of_their_start() {
        Console console = console(true);
        console.begin("cells", 12);
        Progress first = console.part("beta=0.1");
        Progress second = console.part("beta=0.2");
        second.begin("reference log-probs", 100);
        first.begin("training", 64);
        second.at(20, "");
        first.at(32, "loss 0.61");
        console.at(3, "");
        after(1);
        first.at(33, "loss 0.60");
        assertThat(written())
                .isEqualTo(CLEAR
                        + unwrapped("[##        ] cells 3/12, 1.00/s, 9 s left"
                                        + " | [#####     ] beta=0.1: training 33/64, loss 0.60, 2.00/s, 15 s left"
                                        + " | [##        ] beta=0.2: reference log-probs 20/100, 1.00/s, 80 s left")
                                .replace("80 s", "1 min"));
        second.end();
        assertThat(written()).isEqualTo(CLEAR);
        after(1);
        first.at(34, "");
        assertThat(written()).contains("cells 3/12", "beta=0.1: training 34/64").doesNotContain("beta=0.2");
    }

    @Test
    void a_pipe_gets_occasional_plain_lines_labelled_by_cell() {
        Console console = console(false);
        console.begin("cells", 2);
        List<Progress> cells = List.of(console.part("beta=0.1"), console.part("beta=0.2"));
        cells.forEach(cell -> cell.begin("training", 64));
        after(14);
        cells.forEach(cell -> cell.at(1, "loss 0.6931"));
        assertThat(written()).isEmpty();
        after(1);
        cells.forEach(cell -> cell.at(2, "loss 0.6900"));
        assertThat(written().lines())
                .containsExactly(
                        "beta=0.1: training 2/64, loss 0.6900, 7.50 s each, 7 min left",
                        "beta=0.2: training 2/64, loss 0.6900, 7.50 s each, 7 min left");
    }

    @Test
    void the_number_of_finished_cells_never_decreases() {
        Console console = console(true);
        console.begin("cells", 4);
        console.at(2, "");
        after(1);
        console.at(1, "");
        assertThat(written()).contains("cells 2/4");
    }

    private Console console(boolean terminal) {
        return new Console(new PrintStream(bytes, true, StandardCharsets.UTF_8), terminal, () -> now);
    }

    private void after(int seconds) {
        now += Duration.ofSeconds(seconds).toNanos();
    }

    private String written() {
        String text = bytes.toString(StandardCharsets.UTF_8);
        bytes.reset();
        return text;
    }

    private static String unwrapped(String line) {
        return "\033[?7l" + line + "\033[?7h";
    }
}
