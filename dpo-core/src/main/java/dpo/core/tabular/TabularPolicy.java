package dpo.core.tabular;

import dpo.core.backend.AdamW;
import dpo.core.backend.ExactEvaluation;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.logprob.TokenStatistic;
import dpo.core.numeric.LogSpace;
import dpo.core.sequence.TokenSequence;
import dpo.core.world.ControlledWorld;
import dpo.core.world.MarkovPolicy;
import dpo.core.world.MarkovShape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** A table of logits over the states of a controlled world, starting as its reference. */
final class TabularPolicy implements Policy {

    private static final String FILE = "tabular-weights.bin";

    private final TabularModel model;
    private final ControlledWorld world;
    private final MarkovShape shape;
    private final String fingerprint;
    private final double[] logits;
    private final double[] gradient;
    private MarkovPolicy current;
    private boolean optimized;

    TabularPolicy(TabularModel model) {
        this.model = model;
        this.world = model.world();
        this.shape = world.shape();
        this.logits = world.referenceLogits();
        this.gradient = new double[logits.length];
        this.current = world.reference();
        this.fingerprint = TableFile.fingerprint(model.toString(), logits);
    }

    @Override
    public int vocabularySize() {
        return shape.vocabulary() + shape.prompts();
    }

    @Override
    public int maxLength() {
        return 1 + shape.length();
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    /** @throws IllegalArgumentException also where a sequence does not begin with a prompt or goes on after its end */
    @Override
    public TokenLogProbs logProbs(List<TokenSequence> sequences) {
        TokenShape rows = TokenShape.of(sequences);
        return gather(rows, entries(sequences, rows.tokens()));
    }

    @Override
    public ForwardPass forward(List<TokenSequence> sequences) {
        return forward(sequences, Set.of());
    }

    @Override
    public ForwardPass forward(List<TokenSequence> sequences, Set<TokenStatistic> statistics) {
        TokenShape rows = TokenShape.of(sequences);
        int[] entries = entries(sequences, rows.tokens());
        Map<TokenStatistic, TokenLogProbs> values = new EnumMap<>(TokenStatistic.class);
        statistics.forEach(statistic -> values.put(statistic, TokenLogProbs.of(
                rows, Arrays.stream(entries).mapToDouble(entry -> statistic(statistic, entry)).toArray())));
        return new Pass(current, entries, gather(rows, entries), values);
    }

    private double statistic(TokenStatistic statistic, int entry) {
        int firstOfState = entry - entry % shape.vocabulary();
        return switch (statistic) {
            case LOG_SUM_SQUARED_PROBS -> LogSpace.logSumExp(IntStream.range(0, shape.vocabulary())
                    .mapToDouble(token -> 2 * current.logProb(firstOfState + token))
                    .toArray());
        };
    }

    private TokenLogProbs gather(TokenShape rows, int[] entries) {
        double[] values = new double[entries.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = current.logProb(entries[i]);
        }
        return TokenLogProbs.of(rows, values);
    }

    /** The table entry of each scored token, row after row. */
    private int[] entries(List<TokenSequence> sequences, int scoredTokens) {
        int[] entries = new int[scoredTokens];
        int filled = 0;
        for (int row = 0; row < sequences.size(); row++) {
            filled = fillEntries(sequences.get(row), row, entries, filled);
        }
        return entries;
    }

    private int fillEntries(TokenSequence sequence, int row, int[] entries, int filled) {
        int state = promptState(sequence, row);
        int at = filled;
        int turn = 0;
        for (int position = 1; position < sequence.length(); position++) {
            int token = sequence.id(position);
            if (token >= shape.vocabulary()) {
                throw refusal("completion token must be in [0, " + shape.vocabulary() + ")", token, row);
            }
            if (state == MarkovShape.OVER) {
                throw refusal("completion must stop with the end token " + MarkovShape.END, token, row);
            }
            if (turn < sequence.turns().size() && position >= sequence.turns().get(turn).start()) {
                entries[at++] = state * shape.vocabulary() + token;
                turn += position + 1 == sequence.turns().get(turn).end() ? 1 : 0;
            }
            state = shape.next(state, token);
        }
        return at;
    }

    private int promptState(TokenSequence sequence, int row) {
        if (sequence.length() > maxLength()) {
            throw refusal("sequence must have at most " + maxLength() + " tokens", sequence.length(), row);
        }
        int state = sequence.id(0) - shape.vocabulary();
        if (state < 0 || state >= shape.prompts()) {
            throw refusal("first token must be a prompt in [" + shape.vocabulary() + ", " + vocabularySize() + ")",
                    sequence.id(0), row);
        }
        return state;
    }

    private static IllegalArgumentException refusal(String constraint, int value, int row) {
        return new IllegalArgumentException(constraint + ", got " + value + " (sequence " + row + ")");
    }

    @Override
    public Optimizer optimizer(AdamW settings) {
        if (optimized) {
            throw new IllegalStateException("a policy must have at most one open optimizer, got a second");
        }
        optimized = true;
        return new TabularOptimizer(settings, logits, gradient, this::refresh, () -> optimized = false);
    }

    @Override
    public void moveTowards(Policy other, double share) {
        if (!(other instanceof TabularPolicy that && that.model.equals(model))) {
            throw new IllegalArgumentException("other policy must be of the same tabular model, got " + other);
        }
        for (int i = 0; i < logits.length; i++) {
            logits[i] = share == 1 ? that.logits[i] : logits[i] + share * (that.logits[i] - logits[i]);
        }
        refresh();
    }

    private void refresh() {
        current = MarkovPolicy.ofLogits(shape, logits);
    }

    /** Writes one small binary file: the settings of the world and the logits. */
    @Override
    public void save(Path folder) {
        TableFile.write(folder.resolve(FILE), model.toString(), logits);
    }

    @Override
    public void restore(Path folder) {
        double[][] tables = TableFile.read(folder.resolve(FILE), model.toString(), logits.length);
        System.arraycopy(tables[0], 0, logits, 0, logits.length);
        refresh();
    }

    @Override
    public Optional<ExactEvaluation> exactEvaluation() {
        return Optional.of(world.evaluation(current));
    }

    /** Nothing to free. */
    @Override
    public void close() {}

    /** Keeps the policy as it was, so that a later step does not change this pass's gradient. */
    private final class Pass implements ForwardPass {

        private final MarkovPolicy policy;
        private final int[] entries;
        private final TokenLogProbs logProbs;
        private final Map<TokenStatistic, TokenLogProbs> statistics;
        private boolean used;

        Pass(
                MarkovPolicy policy,
                int[] entries,
                TokenLogProbs logProbs,
                Map<TokenStatistic, TokenLogProbs> statistics) {
            this.statistics = statistics;
            this.policy = policy;
            this.entries = entries;
            this.logProbs = logProbs;
        }

        @Override
        public TokenLogProbs logProbs() {
            return logProbs;
        }

        @Override
        public Map<TokenStatistic, TokenLogProbs> statistics() {
            return statistics;
        }

        /** ∂log π(a|s)/∂θ(s, b) = 1[a = b] − π(b|s), summed over tokens first and over the row of a state once. */
        @Override
        public void backward(TokenGradient outer) {
            if (used) {
                throw new IllegalStateException("backward must be called at most once, got a second call");
            }
            if (!outer.shape().equals(logProbs.shape())) {
                throw new IllegalArgumentException(
                        "gradient must have the shape of the log-probs " + logProbs.shape() + ", got " + outer.shape());
            }
            used = true;
            double[] ofToken = outer.toArray();
            double[] ofState = new double[shape.states()];
            for (int i = 0; i < entries.length; i++) {
                gradient[entries[i]] += ofToken[i];
                ofState[entries[i] / shape.vocabulary()] += ofToken[i];
            }
            for (int entry = 0; entry < gradient.length; entry++) {
                double slope = ofState[entry / shape.vocabulary()];
                if (slope != 0) {
                    gradient[entry] -= slope * Math.exp(policy.logProb(entry));
                }
            }
        }

        /** Nothing to free. */
        @Override
        public void close() {}
    }
}
