package dpo.bench;

import dpo.torch.Precision;
import dpo.torch.ProductWork;
import java.util.Map;

/**
 * The phases as text.
 *
 * @param title what was trained
 * @param phases what was measured
 * @param work operations of the products in each
 * @param before operations a second of a large product before training
 * @param after the same after training
 * @param precision of the products in training
 */
record PhaseTable(
        String title,
        Phases phases,
        ProductWork.OfPass work,
        Map<Precision, Double> before,
        Map<Precision, Double> after,
        Precision precision) {

    private static final double GIGA = 1e9;
    private static final double TERA = 1e12;

    String text() {
        StringBuilder text = new StringBuilder();
        text.append("%s; %.0f tokens packed, %.0f scored%n".formatted(title, work.packed(), work.scored()));
        before.forEach((each, speed) -> text.append("product of 2048² matrices, %s: %.0f GFLOP/s before, %.0f after%n"
                .formatted(each, speed / GIGA, after.get(each) / GIGA)));
        text.append("%n%-14s %9s %7s %8s %9s %8s%n"
                .formatted("phase", "seconds", "share", "TFLOP", "GFLOP/s", "of peak"));
        phases.seconds().forEach((phase, seconds) ->
                text.append(row(phase, seconds, work.byPhase().getOrDefault(phase, 0.0))));
        text.append(row("the rest", phases.rest(), 0));
        text.append(row("all", phases.all(), work.total()));
        return text.toString();
    }

    private String row(String phase, double seconds, double operations) {
        String time = "%-14s %9.2f %6.1f%%".formatted(phase, seconds, 100 * seconds / phases.all());
        double speed = operations / seconds;
        return operations == 0
                ? time + "%n".formatted()
                : time + " %8.3f %9.0f %7.1f%%%n".formatted(operations / TERA, speed / GIGA, 100 * speed / peak());
    }

    /** The better of both measurements: other work on the machine can only slow a product down. */
    private double peak() {
        return Math.max(before.get(precision), after.get(precision));
    }
}
