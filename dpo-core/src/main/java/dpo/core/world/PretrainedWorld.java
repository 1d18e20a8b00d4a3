package dpo.core.world;

import dpo.core.backend.AdamW;
import dpo.core.backend.ExactEvaluation;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.logprob.TokenGradient;
import dpo.core.sequence.TokenSequence;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A controlled world whose policy is a language model: pre-trained on completions of the world's reference, the model is
 * π_ref of all policies of the world. All prefixes are enumerated, so reward, divergence and optimum are exact.
 *
 * <p>A model is given by a function from sequences of one length to the log-probs of all next tokens at all their
 * positions: {@code [sequence][position][token]}, flat.
 */
public final class PretrainedWorld {

    /** Sequences of a forward pass over all prefixes, so that activations stay small. */
    private static final int CHUNK = 512;

    private static final List<Double> BETAS = List.of(0.9, 0.999);

    private final MarkovShape shape;
    private final PrefixTree tree;
    private final double[] reference;

    /** The world of a model that is pre-trained. */
    public PretrainedWorld(ControlledWorld world, Function<List<TokenSequence>, double[]> model) {
        this.shape = world.shape();
        this.tree = new PrefixTree(world);
        this.reference = table(model);
    }

    /**
     * Fits a model by AdamW to completions of a world's reference, each sampled anew: pre-training, or SFT.
     *
     * @param random stream of the samples
     * @param steps optimizer steps, each on {@code batchSize} completions
     * @param learningRate of the first step; it falls linearly to 0
     */
    public static void fit(
            Policy model,
            ControlledWorld world,
            RandomGenerator random,
            int steps,
            int batchSize,
            double learningRate) {
        Supplier<TokenSequence> sample = () -> sample(world, random);
        try (Optimizer optimizer = model.optimizer(new AdamW(learningRate, BETAS, 1e-8, 0, 1))) {
            for (int step = 0; step < steps; step++) {
                maximizeLikelihood(
                        model, Stream.generate(sample).limit(batchSize).toList());
                optimizer.step(learningRate * (steps - step) / steps);
            }
        }
    }

    private static TokenSequence sample(ControlledWorld world, RandomGenerator random) {
        int prompt = random.nextInt(world.shape().prompts());
        return TokenSequence.of(
                new int[] {world.shape().promptToken(prompt)}, world.reference().sample(prompt, random));
    }

    /** Adds the gradient of the mean of {@code −log π(y|x)}. */
    private static void maximizeLikelihood(Policy model, List<TokenSequence> batch) {
        try (ForwardPass pass = model.forward(batch)) {
            double[] gradient = new double[pass.logProbs().shape().tokens()];
            Arrays.fill(gradient, -1.0 / batch.size());
            pass.backward(TokenGradient.of(pass.logProbs().shape(), gradient));
        }
    }

    /** The tokens that end a completion: END, and all that are no completion tokens. */
    public Set<Integer> endIds() {
        return IntStream.concat(IntStream.of(MarkovShape.END), IntStream.range(shape.vocabulary(), tree.tokens()))
                .boxed()
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The exact evaluation of another model of the world. */
    public ExactEvaluation evaluation(Function<List<TokenSequence>, double[]> model) {
        return tree.evaluation(() -> table(model), reference);
    }

    /** The true rewards of completions. */
    public double[] rewards(List<TokenSequence> sequences) {
        return sequences.stream().mapToDouble(tree::reward).toArray();
    }

    /** The log-probs of all next tokens at all prefixes. */
    private double[] table(Function<List<TokenSequence>, double[]> model) {
        double[] table = new double[tree.entries()];
        List<TokenSequence> sequences = tree.sequences();
        int ofSequence = shape.length() * tree.tokens();
        for (int from = 0; from < sequences.size(); from += CHUNK) {
            int size = Math.min(CHUNK, sequences.size() - from);
            double[] logProbs = model.apply(sequences.subList(from, from + size));
            for (int row = 0; row < size; row++) {
                tree.put(table, from + row, logProbs, row * ofSequence);
            }
        }
        return table;
    }
}
