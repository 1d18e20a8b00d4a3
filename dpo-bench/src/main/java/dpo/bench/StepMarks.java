package dpo.bench;

import dpo.train.Progress;
import java.time.Instant;
import java.util.Optional;

/** Records when the measured steps begin, after the warm-up steps. */
final class StepMarks implements Progress {

    private final int warmUp;
    private boolean training;
    private Optional<Instant> begin = Optional.empty();

    StepMarks(int warmUp) {
        this.warmUp = warmUp;
    }

    /** When the first step after the warm-up began. */
    Instant begin() {
        return begin.orElseThrow(() -> new IllegalStateException("training must reach step " + (warmUp + 1)));
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
        }
    }

    @Override
    public void end() {}

    @Override
    public Progress part(String label) {
        return this;
    }
}
