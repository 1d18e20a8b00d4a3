package dpo.torch;

import dpo.core.backend.AdamW;
import dpo.core.backend.ExactEvaluation;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.logprob.TokenGradient;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.TokenSequence;
import dpo.core.world.ControlledWorld;
import dpo.core.world.MarkovShape;
import dpo.core.world.PrefixTree;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.layout.PrefixRows;
import dpo.torch.lm.LanguageModel;
import dpo.torch.model.BaseModel;
import dpo.torch.model.NeuralWorld;
import dpo.torch.tensor.Tensors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The transformers of controlled worlds, each pre-trained and fine-tuned once: all policies of a world begin with the same weights. */
@SuppressWarnings("try") // pointer scopes are only opened and closed
final class PretrainedWorlds {

    /** Sequences of a forward pass over all prefixes, so that activations stay small. */
    private static final int CHUNK = 512;

    private static final List<Double> BETAS = List.of(0.9, 0.999);

    private final Map<Object, Pretrained> pretrained = new HashMap<>();

    /** The transformer of a world; waits if another thread pre-trains one. */
    synchronized Pretrained of(NeuralWorld world, ComputeDevice device) {
        List<Object> key = List.of(world, device);
        Pretrained known = pretrained.get(key);
        if (known == null) {
            known = new Pretrained(world, pretrain(world, device));
            pretrained.put(key, known);
        }
        return known;
    }

    private static TorchPolicy pretrain(NeuralWorld world, ComputeDevice device) {
        TorchPolicy policy = TorchPolicy.of(BaseModel.ofWorld(world, world::initialize, device), device);
        return Tensors.freedOnFailure(policy::close, () -> {
            fit(policy, world, "world.pretraining", world.ofPretraining(), world.pretrainingSteps());
            fit(policy, world, "world.sft", world.controlled(), world.sftSteps());
            return policy;
        });
    }

    /** Trains on completions of the reference of a world. */
    private static void fit(TorchPolicy policy, NeuralWorld world, String stream, ControlledWorld of, int steps) {
        double rate = world.pretrainingLearningRate();
        RandomGenerator random = new RandomStreams(world.seed()).stream(stream);
        Supplier<TokenSequence> sample = () -> sample(of, random);
        try (Optimizer optimizer = policy.optimizer(new AdamW(rate, BETAS, 1e-8, 0, 1))) {
            for (int step = 0; step < steps; step++) {
                maximizeLikelihood(
                        policy,
                        Stream.generate(sample)
                                .limit(world.pretrainingBatchSize())
                                .toList());
                optimizer.step(rate * (steps - step) / steps);
            }
        }
    }

    private static TokenSequence sample(ControlledWorld world, RandomGenerator random) {
        int prompt = random.nextInt(world.shape().prompts());
        return TokenSequence.of(
                new int[] {world.shape().promptToken(prompt)}, world.reference().sample(prompt, random));
    }

    /** Adds the gradient of the mean of {@code −log π(y|x)}. */
    private static void maximizeLikelihood(TorchPolicy policy, List<TokenSequence> batch) {
        try (ForwardPass pass = policy.forward(batch)) {
            double[] gradient = new double[pass.logProbs().shape().tokens()];
            Arrays.fill(gradient, -1.0 / batch.size());
            pass.backward(TokenGradient.of(pass.logProbs().shape(), gradient));
        }
    }

    /** A pre-trained transformer, which is π_ref of its world. */
    static final class Pretrained {

        private final NeuralWorld world;
        private final TorchPolicy transformer;
        private final PrefixTree tree;
        private final double[] reference;

        private Pretrained(NeuralWorld world, TorchPolicy transformer) {
            this.world = world;
            this.transformer = transformer;
            this.tree = new PrefixTree(world.controlled());
            this.reference = table(transformer.languageModel());
        }

        /** A new model with the pre-trained weights. */
        BaseModel copy(ComputeDevice device) {
            return BaseModel.ofWorld(world, weights -> weights.moveTowards(transformer.parameters(), 1), device);
        }

        /** The tokens that end a completion: END, and all that are no completion tokens. */
        Set<Integer> endIds() {
            return IntStream.concat(IntStream.of(MarkovShape.END), IntStream.range(world.vocabulary(), tree.tokens()))
                    .boxed()
                    .collect(Collectors.toUnmodifiableSet());
        }

        /** The exact evaluation of another transformer of the world. */
        ExactEvaluation evaluation(LanguageModel model) {
            return tree.evaluation(() -> table(model), reference);
        }

        /** The true rewards of completions. */
        double[] rewards(List<TokenSequence> sequences) {
            return sequences.stream().mapToDouble(tree::reward).toArray();
        }

        /** The log-probs of all next tokens at all prefixes. */
        private double[] table(LanguageModel model) {
            double[] table = new double[tree.entries()];
            List<TokenSequence> sequences = tree.sequences();
            int ofSequence = world.length() * tree.tokens();
            for (int from = 0; from < sequences.size(); from += CHUNK) {
                int size = Math.min(CHUNK, sequences.size() - from);
                double[] logProbs = nextTokenLogProbs(model, sequences.subList(from, from + size));
                for (int row = 0; row < size; row++) {
                    tree.put(table, from + row, logProbs, row * ofSequence);
                }
            }
            return table;
        }

        private static double[] nextTokenLogProbs(LanguageModel model, List<TokenSequence> sequences) {
            PrefixRows rows = PrefixRows.of(model.packed(sequences), sequences);
            try (PointerScope scope = new PointerScope();
                    NoGradGuard noGrad = new NoGradGuard()) {
                Tensor ids = model.device().place(Tensor.create(rows.ids()));
                Tensor logits = model.head().logits(model.hidden(rows, ids)).to(ScalarType.Double);
                return Tensors.toDoubles(logits.sub_(logits.logsumexp(1).unsqueeze(1)));
            }
        }
    }
}
