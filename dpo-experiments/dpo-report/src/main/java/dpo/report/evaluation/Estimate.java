package dpo.report.evaluation;

import dpo.statistics.Interval;
import java.util.Optional;

/**
 * A number of an evaluation.
 *
 * @param value the number with its 95 % interval, if it has one
 * @param kind the kind of the interval; empty without one
 * @param n number of pairs, completions or tokens over which the number is a mean
 * @param prompts number of different prompts
 */
record Estimate(Interval value, Optional<Kind> kind, long n, int prompts) {

    /** The kinds of intervals. */
    enum Kind {
        /** Wilson's interval of a share of independent pairs: each has a prompt of its own. */
        WILSON("wilson"),

        /** The t interval of a mean, with pairs of one prompt taken as dependent. */
        BY_PROMPT("t by prompt");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** A number without an interval. */
    static Estimate exact(double value, long n, int prompts) {
        return new Estimate(Interval.without(value, prompts), Optional.empty(), n, prompts);
    }
}
