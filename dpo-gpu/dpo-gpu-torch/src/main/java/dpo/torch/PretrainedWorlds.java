package dpo.torch;

import dpo.core.backend.ExactEvaluation;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.TokenSequence;
import dpo.core.world.ControlledWorld;
import dpo.core.world.PretrainedWorld;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.layout.PrefixRows;
import dpo.torch.lm.LanguageModel;
import dpo.torch.model.BaseModel;
import dpo.torch.model.NeuralWorld;
import dpo.torch.tensor.Tensors;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The transformers of controlled worlds, each fitted once: all policies of a world begin with the same weights. */
@SuppressWarnings("try") // pointer scopes are only opened and closed
final class PretrainedWorlds {

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

    private static void fit(TorchPolicy policy, NeuralWorld world, String stream, ControlledWorld of, int steps) {
        PretrainedWorld.fit(
                policy,
                of,
                new RandomStreams(world.seed()).stream(stream),
                steps,
                world.pretrainingBatchSize(),
                world.pretrainingLearningRate());
    }

    private static double[] nextTokenLogProbs(LanguageModel model, List<TokenSequence> sequences) {
        PrefixRows rows = PrefixRows.of(model.packed(sequences), sequences);
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            Tensor logits = model.head().logits(model.hidden(rows)).to(ScalarType.Double);
            return Tensors.toDoubles(logits.sub_(logits.logsumexp(1).unsqueeze(1)));
        }
    }

    /** A pre-trained transformer, which is π_ref of its world. */
    static final class Pretrained {

        private final NeuralWorld world;
        private final TorchPolicy transformer;
        private final PretrainedWorld exact;

        private Pretrained(NeuralWorld world, TorchPolicy transformer) {
            this.world = world;
            this.transformer = transformer;
            this.exact = new PretrainedWorld(
                    world.controlled(), sequences -> nextTokenLogProbs(transformer.languageModel(), sequences));
        }

        /** A new model with the pre-trained weights. */
        BaseModel copy(ComputeDevice device) {
            return BaseModel.ofWorld(world, weights -> weights.moveTowards(transformer.parameters(), 1), device);
        }

        /** The tokens that end a completion. */
        Set<Integer> endIds() {
            return exact.endIds();
        }

        /** The exact evaluation of another transformer of the world. */
        ExactEvaluation evaluation(LanguageModel model) {
            return exact.evaluation(sequences -> nextTokenLogProbs(model, sequences));
        }

        /** The true rewards of completions. */
        double[] rewards(List<TokenSequence> sequences) {
            return exact.rewards(sequences);
        }
    }
}
