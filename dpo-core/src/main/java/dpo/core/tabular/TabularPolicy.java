package dpo.core.tabular;

import dpo.core.backend.AdamW;
import dpo.core.backend.ExactEvaluation;
import dpo.core.backend.ExactRlhf;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.backend.PreferenceSampler;
import dpo.core.backend.RewardFunction;
import dpo.core.backend.StatisticRequest;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.sampling.CompletionSampler;
import dpo.core.sampling.Prompt;
import dpo.core.sampling.SampledCompletion;
import dpo.core.sampling.Sampling;
import dpo.core.sequence.TokenSequence;
import dpo.core.theory.BradleyTerry;
import dpo.core.world.ControlledWorld;
import dpo.core.world.MarkovPolicy;
import dpo.core.world.MarkovShape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** A table of logits over the states of a controlled world, initialised to its reference. */
final class TabularPolicy implements Policy {

    private static final String FILE = "tabular-weights.bin";

    private static final int CHECKSUM_DIGITS = 8;

    private final TabularModel model;
    private final ControlledWorld world;
    private final MarkovShape shape;
    private final TabularSequences sequences;
    private final String fingerprint;
    private final double[] logits;
    private final double[] gradient;
    private MarkovPolicy current;
    private boolean optimized;

    TabularPolicy(TabularModel model) {
        this.model = model;
        this.world = model.world();
        this.shape = world.shape();
        this.sequences = new TabularSequences(shape);
        this.logits = world.referenceLogits();
        this.gradient = new double[logits.length];
        this.current = world.reference();
        this.fingerprint = TableFile.fingerprint(model.toString(), logits);
    }

    @Override
    public int vocabularySize() {
        return sequences.ids();
    }

    @Override
    public int maxLength() {
        return sequences.maxLength();
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public Map<String, String> checksums() {
        return Map.of("logits", TableFile.fingerprint("", logits).substring(0, CHECKSUM_DIGITS));
    }

    /** @throws IllegalArgumentException also if a sequence does not begin with a prompt or continues after END */
    @Override
    public TokenLogProbs logProbs(List<TokenSequence> some) {
        TokenShape rows = TokenShape.of(some);
        int[] entries = sequences.entries(some, rows.tokens());
        return TokenLogProbs.of(
                rows, Arrays.stream(entries).mapToDouble(current::logProb).toArray());
    }

    @Override
    public ForwardPass forward(List<TokenSequence> some) {
        return forward(some, StatisticRequest.NONE);
    }

    @Override
    public ForwardPass forward(List<TokenSequence> some, StatisticRequest request) {
        TokenShape rows = TokenShape.of(some);
        Optional<MarkovPolicy> reference = request.reference().map(other -> sameModel(other).current);
        return new TabularForwardPass(
                current, reference, rows, sequences.entries(some, rows.tokens()), request.statistics(), gradient);
    }

    private TabularPolicy sameModel(Policy other) {
        if (!(other instanceof TabularPolicy that && that.model.equals(model))) {
            throw new IllegalArgumentException("other policy must be of the same tabular model, got " + other);
        }
        return that;
    }

    /** The end token of the world always ends a completion. */
    @Override
    public List<SampledCompletion> sample(List<Prompt> prompts, Sampling settings, Set<Integer> endIds) {
        Set<Integer> ends = new HashSet<>(endIds);
        ends.add(MarkovShape.END);
        List<SampledCompletion> completions = new ArrayList<>();
        for (int row = 0; row < prompts.size(); row++) {
            Prompt prompt = prompts.get(row);
            prompt.requireWithin(vocabularySize(), maxLength(), row);
            completions.add(sample(
                    new CompletionSampler(prompt, settings, ends, maxLength()),
                    sequences.stateAfter(prompt.ids(), row)));
        }
        return completions;
    }

    private SampledCompletion sample(CompletionSampler sampler, int start) {
        for (int state = start; !sampler.isOver(); ) {
            int first = state * shape.vocabulary();
            state = shape.next(
                    state,
                    sampler.take(IntStream.range(first, first + shape.vocabulary())
                            .mapToDouble(current::logProb)
                            .toArray()));
        }
        return sampler.finished();
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
        TabularPolicy that = sameModel(other);
        for (int i = 0; i < logits.length; i++) {
            logits[i] = share == 1 ? that.logits[i] : logits[i] + share * (that.logits[i] - logits[i]);
        }
        refresh();
    }

    private void refresh() {
        current = MarkovPolicy.ofLogits(shape, logits);
    }

    /** Writes one binary file with the settings of the world and the logits. */
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

    @Override
    public Optional<RewardFunction> trueReward() {
        return Optional.of(world::rewards);
    }

    @Override
    public Optional<PreferenceSampler> worldPairs() {
        return Optional.of(world::samplePairs);
    }

    @Override
    public Optional<ExactRlhf> exactRlhf() {
        return Optional.of((preferences, ridge, beta) -> {
            double[] weights = preferences.stream()
                    .mapToDouble(preference -> preference.label().weight())
                    .toArray();
            BradleyTerry.Fit fit = BradleyTerry.fit(sequences.differences(preferences), weights, ridge);
            if (ridge == 0 && !fit.isConverged()) {
                throw new IllegalArgumentException(
                        "ridge must be positive for pairs that are linearly separable, got " + ridge);
            }
            double[] optimum = new ControlledWorld(shape, world.referenceLogits(), fit.weights()).optimumLogits(beta);
            System.arraycopy(optimum, 0, logits, 0, logits.length);
            refresh();
            return new ExactRlhf.RewardFit(fit.loss(), fit.slope(), fit.iterations());
        });
    }

    /** Nothing to free. */
    @Override
    public void close() {}
}
