package dpo.report.results;

import dpo.train.Progress;
import java.util.ArrayList;
import java.util.List;

/** Progress that acts at a step of the training, or records what is printed. */
final class TrainingProgress {

    private TrainingProgress() {}

    static Progress printing(List<String> printed) {
        return listening((task, done) -> {}, printed);
    }

    static Progress atStep(int step, Runnable action) {
        return listening(
                (task, done) -> {
                    if (task.equals("training") && done == step) {
                        action.run();
                    }
                },
                new ArrayList<>());
    }

    private interface Listener {
        void at(String task, int done);
    }

    private static Progress listening(Listener listener, List<String> printed) {
        return new Progress() {
            private String task = "";

            @Override
            public void begin(String name, int total) {
                task = name;
            }

            @Override
            public void at(int done, String note) {
                listener.at(task, done);
            }

            @Override
            public void end() {}

            @Override
            public Progress part(String label) {
                return this;
            }

            @Override
            public void print(String line) {
                printed.add(line);
            }
        };
    }
}
