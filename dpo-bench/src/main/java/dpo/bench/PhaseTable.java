package dpo.bench;

import dpo.torch.tensor.Precision;
import java.util.Map;

/**
 * The table of phases as text.
 *
 * @param title the trained model and its settings
 * @param phases measured seconds
 * @param work operations of matmuls in each phase
 * @param before operations per second of a large matmul before training
 * @param after the same after training
 * @param precision dtype of matmuls in training
 */
record PhaseTable(
        String title,
        Phases phases,
        MatMulWork.OfPass work,
        Map<Precision, Double> before,
        Map<Precision, Double> after,
        Precision precision) {

    private static final double GIGA = 1e9;
    private static final double TERA = 1e12;

    String text() {
        StringBuilder text = new StringBuilder();
        text.append("%s; %.0f tokens packed, %.0f scored%n".formatted(title, work.packed(), work.scored()));
        before.forEach((each, speed) -> text.append("matmul of 2048² matrices, %s: %.0f GFLOP/s before, %.0f after%n"
                .formatted(each, speed / GIGA, after.getOrDefault(each, Double.NaN) / GIGA)));
        text.append(phases.steps().text()).append(System.lineSeparator());
        text.append(
                "%n%-14s %9s %7s %8s %9s %8s%n".formatted("phase", "seconds", "share", "TFLOP", "GFLOP/s", "of peak"));
        phases.seconds()
                .forEach((phase, seconds) ->
                        text.append(row(phase, seconds, work.byPhase().getOrDefault(phase, 0.0))));
        text.append(row("other", phases.rest(), 0));
        text.append(row("total", phases.all(), work.total()));
        return text.toString();
    }

    private String row(String phase, double seconds, double operations) {
        String time = "%-14s %9.2f %6.1f%%".formatted(phase, seconds, 100 * seconds / phases.all());
        double speed = operations / seconds;
        return operations == 0
                ? time + "%n".formatted()
                : time + " %8.3f %9.0f %7.1f%%%n".formatted(operations / TERA, speed / GIGA, 100 * speed / peak());
    }

    /** The better of both measurements: other work on the machine can only slow a matmul down. */
    private double peak() {
        return Math.max(before.getOrDefault(precision, Double.NaN), after.getOrDefault(precision, Double.NaN));
    }
}
