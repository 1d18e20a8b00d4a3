package dpo.report.bundle;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Compares stored numbers with recomputed ones and collects those that differ. */
final class Comparison {

    /** Sums in another order of the terms agree to this. */
    private static final double TOLERANCE = 1e-9;

    private final List<String> differences = new ArrayList<>();
    private long compared;
    private double largest;

    /** Compares two numbers; NaN equals NaN. */
    void numbers(String what, double stored, double recomputed) {
        compared++;
        if (Double.compare(stored, recomputed) == 0 || (Double.isNaN(stored) && Double.isNaN(recomputed))) {
            return;
        }
        double difference = Math.abs(stored - recomputed) / Math.max(1, Math.abs(recomputed));
        if (difference <= TOLERANCE) {
            largest = Math.max(largest, difference);
        } else {
            differences.add(what + " is " + stored + ", recomputed " + recomputed);
        }
    }

    void texts(String what, String stored, String recomputed) {
        compared++;
        if (!stored.equals(recomputed)) {
            differences.add(what + " is " + stored + ", recomputed " + recomputed);
        }
    }

    void differs(String difference) {
        differences.add(difference);
    }

    /** "120 of 120 NAME equal what was recomputed (largest relative difference 3e-15)". */
    Check check(String name, String of) {
        String agreement = largest == 0 ? "" : String.format(Locale.ROOT, ", to %.0e of each", largest);
        return new Check(
                name,
                (compared - Math.min(compared, differences.size())) + " of " + compared + " " + of + agreement,
                differences);
    }
}
