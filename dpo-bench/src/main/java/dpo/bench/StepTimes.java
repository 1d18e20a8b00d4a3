package dpo.bench;

import java.util.List;

/**
 * The time of single optimizer steps, and the processor time of all. On a machine that is also busy with other work the
 * shortest step and the processor time change least.
 *
 * @param seconds of each step, at least one
 * @param processor seconds of all threads of the process, from the first step to the end of the last
 */
record StepTimes(List<Double> seconds, double processor) {

    private static final double MILLIS = 1e3;

    double total() {
        return seconds.stream().mapToDouble(Double::doubleValue).sum();
    }

    double shortest() {
        return seconds.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    /** The middle one, or the later one of the two in the middle. */
    double median() {
        return seconds.stream().sorted().toList().get(seconds.size() / 2);
    }

    String text() {
        return "a step: %.1f ms at least, median %.1f ms, %.1f ms of processor time"
                .formatted(MILLIS * shortest(), MILLIS * median(), MILLIS * processor / seconds.size());
    }
}
