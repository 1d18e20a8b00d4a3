package dpo.bench;

import dpo.train.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Records when the measured steps begin, after the warm-up steps. */
final class StepMarks implements Progress {

    private final int warmUp;
    private boolean training;
    private Optional<Instant> begin = Optional.empty();
    private double processorAtBegin;
    private double processorAtEnd;

    StepMarks(int warmUp) {
        this.warmUp = warmUp;
    }

    /** When the first step after the warm-up began. */
    Instant begin() {
        return begin.orElseThrow(() -> new IllegalStateException("training must reach step " + (warmUp + 1)));
    }

    /** Processor seconds of the process between the begin of the measured steps and the end of training. */
    double processor() {
        return processorAtEnd - processorAtBegin;
    }

    private static double processorTime() {
        return ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ZERO)
                        .toNanos()
                / 1e9;
    }

    @Override
    public void begin(String task, int total) {
        training = task.equals("training");
        if (training) {
            at(0, "");
        }
    }

    @Override
    public void at(int done, String note) {
        if (training && done == warmUp && begin.isEmpty()) {
            begin = Optional.of(Instant.now());
            processorAtBegin = processorTime();
        }
    }

    @Override
    public void end() {
        if (training) {
            processorAtEnd = processorTime();
            training = false;
        }
    }

    @Override
    public Progress part(String label) {
        return this;
    }
}
