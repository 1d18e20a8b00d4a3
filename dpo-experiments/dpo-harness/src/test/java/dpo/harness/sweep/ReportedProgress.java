package dpo.harness.sweep;

import dpo.train.Progress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts started tasks, and can block a cell at a step of its training. */
final class ReportedProgress implements Progress {

    final Map<String, Integer> tasks = new ConcurrentHashMap<>();
    private final StepHook hook;
    int cellsDone;

    ReportedProgress(StepHook hook) {
        this.hook = hook;
    }

    interface StepHook {
        void at(String cell, int step);
    }

    @Override
    public void begin(String task, int total) {
        tasks.merge(task, 1, Integer::sum);
    }

    @Override
    public synchronized void at(int done, String note) {
        cellsDone = Math.max(cellsDone, done);
    }

    @Override
    public void end() {}

    @Override
    public Progress part(String label) {
        return new Progress() {
            private boolean training;

            @Override
            public void begin(String task, int total) {
                ReportedProgress.this.begin(task, total);
                training = task.equals("training");
            }

            @Override
            public void at(int done, String note) {
                if (training) {
                    hook.at(label, done);
                }
            }

            @Override
            public void end() {}

            @Override
            public Progress part(String inner) {
                return this;
            }
        };
    }
}
