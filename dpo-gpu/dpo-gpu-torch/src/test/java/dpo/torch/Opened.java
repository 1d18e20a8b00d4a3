package dpo.torch;

import dpo.core.backend.AdamW;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenShape;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.TokenSequence;
import dpo.torch.autograd.Gradients;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.lora.LoraAdapter;
import dpo.torch.model.FrozenModels;
import dpo.torch.tensor.Tensors;
import dpo.torch.tensor.TorchDevice;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Opens policies on the CPU and trains them. */
public final class Opened {

    static final AdamW SETTINGS = new AdamW(1e-2, List.of(0.9, 0.999), 1e-8, 0.01, 1.0);

    private Opened() {}

    static TorchPolicy policy(TorchModel model, int threads) {
        return policy(model, threads, 1, new FrozenModels());
    }

    static TorchPolicy policy(TorchModel model, int threads, long seed, FrozenModels frozen) {
        return TorchPolicy.open(
                model,
                new RandomStreams(seed),
                ComputeDevice.configure(new TorchDevice("cpu"), threads, model.dtype()),
                frozen,
                Optional.empty());
    }

    /** An adapter of every projection. */
    static LoraAdapter lora(int rank, double alpha, double dropout) {
        return lora(rank, alpha, dropout, false, LoraAdapter.ALL);
    }

    static LoraAdapter lora(int rank, double alpha, double dropout, boolean rslora, String... targets) {
        return new LoraAdapter(
                "lora",
                Optional.empty(),
                Optional.of(rank),
                Optional.of(alpha),
                Optional.of(dropout),
                Optional.of(List.of(targets)),
                Optional.of(rslora));
    }

    /** A fixed number of either sign per token. */
    static TokenGradient weights(TokenShape shape) {
        double[] weights = new double[shape.tokens()];
        Arrays.setAll(weights, i -> Math.sin(1 + i));
        return TokenGradient.of(shape, weights);
    }

    /** The sum of the log-probabilities with {@link #weights}. */
    static double value(Policy policy, List<TokenSequence> rows) {
        double[] logProbs = policy.logProbs(rows).toArray();
        double[] weights = weights(TokenShape.of(rows)).toArray();
        double value = 0;
        for (int i = 0; i < weights.length; i++) {
            value += weights[i] * logProbs[i];
        }
        return value;
    }

    /** The gradient of {@link #value} by parameter. */
    static Map<String, double[]> gradients(TorchPolicy policy, List<TokenSequence> rows) {
        try (ForwardPass pass = policy.forward(rows)) {
            pass.backward(weights(pass.logProbs().shape()));
        }
        return taken(policy);
    }

    /** The accumulated gradient, which is cleared. */
    static Map<String, double[]> taken(TorchPolicy policy) {
        Map<String, double[]> gradients = new LinkedHashMap<>();
        policy.parameters()
                .all()
                .forEach((name, parameter) -> gradients.put(name, Tensors.toDoubles(parameter.grad())));
        Gradients.clear(policy.parameters().all().values());
        return gradients;
    }

    /** Gradient descent on {@link #value}. */
    static void train(Policy policy, List<TokenSequence> rows, int steps) {
        try (Optimizer optimizer = policy.optimizer(SETTINGS)) {
            train(policy, optimizer, rows, steps);
        }
    }

    static void train(Policy policy, Optimizer optimizer, List<TokenSequence> rows, int steps) {
        for (int step = 0; step < steps; step++) {
            try (ForwardPass pass = policy.forward(rows)) {
                pass.backward(weights(pass.logProbs().shape()));
            }
            optimizer.step(SETTINGS.learningRate());
        }
    }
}
