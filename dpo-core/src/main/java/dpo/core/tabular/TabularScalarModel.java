package dpo.core.tabular;

import dpo.core.backend.AdamW;
import dpo.core.backend.Optimizer;
import dpo.core.backend.ScalarModel;
import dpo.core.backend.ScalarPass;
import dpo.core.sequence.TokenSequence;
import dpo.core.world.MarkovShape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A table of rewards of transitions and a table of values of states, all 0 at first: {@code v_i = Σ_{t≤i} w(s_{t−1}, y_t)
 * + u(s_i)}, where u is 0 at the end of a completion. The reward of every controlled world is of this form, and so is
 * the expected reward of its completions after a prefix, less a divergence.
 */
final class TabularScalarModel implements ScalarModel {

    private static final String FILE = "tabular-values.bin";

    private final TabularModel model;
    private final MarkovShape shape;
    private final TabularSequences sequences;
    /** w, then u. */
    private final double[] weights;

    private final double[] gradient;
    private final String fingerprint;
    private boolean optimized;

    TabularScalarModel(TabularModel model) {
        this.model = model;
        this.shape = model.world().shape();
        this.sequences = new TabularSequences(shape);
        this.weights = new double[shape.entries() + shape.states()];
        this.gradient = new double[weights.length];
        this.fingerprint = TableFile.fingerprint(content(), weights);
    }

    private String content() {
        return "values of " + model;
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public double[][] values(List<TokenSequence> some) {
        return some.stream().map(each -> values(entries(each))).toArray(double[][]::new);
    }

    private int[] entries(TokenSequence sequence) {
        if (sequence.turns().size() != 1) {
            throw new IllegalArgumentException(
                    "sequence must have one turn, got " + sequence.turns().size() + " (" + sequence + ")");
        }
        return sequences.entries(List.of(sequence), sequence.scoredTokens());
    }

    private double[] values(int[] entries) {
        double[] values = new double[entries.length + 1];
        double rewards = 0;
        for (int i = 0; i < values.length; i++) {
            int state = state(entries, i);
            values[i] = rewards + (state == MarkovShape.OVER ? 0 : weights[shape.entries() + state]);
            rewards += i < entries.length ? weights[entries[i]] : 0;
        }
        return values;
    }

    /** The state before token i, or after the last one. */
    private int state(int[] entries, int i) {
        if (i < entries.length) {
            return entries[i] / shape.vocabulary();
        }
        int last = entries[i - 1];
        return shape.next(last / shape.vocabulary(), last % shape.vocabulary());
    }

    @Override
    public ScalarPass forward(List<TokenSequence> some) {
        int[][] entries = some.stream().map(this::entries).toArray(int[][]::new);
        return new Pass(entries, Arrays.stream(entries).map(this::values).toArray(double[][]::new));
    }

    private final class Pass implements ScalarPass {

        private final int[][] entries;
        private final double[][] values;
        private boolean used;

        Pass(int[][] entries, double[][] values) {
            this.entries = entries;
            this.values = values;
        }

        @Override
        public double[][] values() {
            return values;
        }

        @Override
        public void backward(double[][] outer) {
            if (used) {
                throw new IllegalStateException("backward must be called at most once, got a second call");
            }
            requireShape(outer);
            used = true;
            for (int row = 0; row < entries.length; row++) {
                back(entries[row], outer[row]);
            }
        }

        private void requireShape(double[][] outer) {
            boolean fits = outer.length == values.length;
            for (int row = 0; fits && row < outer.length; row++) {
                fits = outer[row].length == values[row].length;
            }
            if (!fits) {
                throw new IllegalArgumentException("gradient must have the shape of the values, " + values.length
                        + " rows of one number more than tokens, got another");
            }
        }

        /** The reward of a transition is in all values after it. */
        private void back(int[] path, double[] outer) {
            double after = 0;
            for (int i = path.length; i >= 0; i--) {
                int state = state(path, i);
                if (state != MarkovShape.OVER) {
                    gradient[shape.entries() + state] += outer[i];
                }
                after += outer[i];
                if (i > 0) {
                    gradient[path[i - 1]] += after;
                }
            }
        }

        /** Nothing to free. */
        @Override
        public void close() {}
    }

    @Override
    public Optimizer optimizer(AdamW settings) {
        if (optimized) {
            throw new IllegalStateException("a model must have at most one open optimizer, got a second");
        }
        optimized = true;
        return new TabularOptimizer(settings, weights, gradient, () -> {}, () -> optimized = false);
    }

    /** Writes one binary file with the settings of the world and the tables. */
    @Override
    public void save(Path folder) {
        TableFile.write(folder.resolve(FILE), content(), weights);
    }

    @Override
    public void restore(Path folder) {
        double[][] tables = TableFile.read(folder.resolve(FILE), content(), weights.length);
        System.arraycopy(tables[0], 0, weights, 0, weights.length);
    }

    /** Nothing to free. */
    @Override
    public void close() {}
}
