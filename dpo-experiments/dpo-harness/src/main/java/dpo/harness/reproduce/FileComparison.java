package dpo.harness.reproduce;

import java.util.Optional;

/**
 * How far a file of two runs agrees.
 *
 * @param file its name in the run folder
 * @param verdict how far it agrees
 * @param numbers compared numbers
 * @param unequal those that are not equal
 * @param largest the difference that is largest relative to the tolerance; empty if all numbers are equal
 * @param remark what else differs: missing lines, texts, bytes; empty if nothing
 */
public record FileComparison(
        String file, Verdict verdict, long numbers, long unequal, Optional<Largest> largest, String remark) {

    /**
     * A difference of two numbers.
     *
     * @param metric name of the metric
     * @param step optimizer step; −1 for a number of the whole run
     * @param pair id of the pair; empty if the number is not one of a pair
     * @param recorded the first run's value
     * @param again the second run's value
     */
    public record Largest(String metric, int step, String pair, double recorded, double again) {

        /** The absolute difference. */
        public double size() {
            return Math.abs(recorded - again);
        }
    }

    /** A file without numbers. */
    static FileComparison ofContent(String file, Verdict verdict, String remark) {
        return new FileComparison(file, verdict, 0, 0, Optional.empty(), remark);
    }
}
