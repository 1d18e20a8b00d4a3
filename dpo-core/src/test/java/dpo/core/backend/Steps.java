package dpo.core.backend;

import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.TokenSequence;
import java.util.List;

/** Training steps on synthetic gradients, for tests of backends. */
final class Steps {

    /** All gradients are small compared with this ε: Adam's first step becomes {@code −(rate/ε)·g}. */
    static final double LARGE_EPSILON = 1e6;

    private Steps() {}

    /** A measurement on a policy with an accumulated gradient. */
    @FunctionalInterface
    interface Measurement {
        double of(Policy policy, Optimizer optimizer);
    }

    static AdamW plain(double maxGradNorm) {
        return new AdamW(0, List.of(0.9, 0.999), LARGE_EPSILON, 0, maxGradNorm);
    }

    static AdamW adam() {
        return new AdamW(0.01, List.of(0.9, 0.99), 1e-8, 0.01, 1);
    }

    /** One fixed positive or negative number per token. */
    static TokenGradient gradient(TokenShape shape) {
        return TokenGradient.of(
                shape,
                new RandomStreams(5)
                        .stream("gradient").doubles(shape.tokens(), -1, 1).toArray());
    }

    static void accumulate(Policy policy, List<TokenSequence> sequences, double sign) {
        accumulate(policy, sequences, sign, 1);
    }

    /** Back-propagates {@code sign · gradient} in micro-batches. */
    static void accumulate(Policy policy, List<TokenSequence> sequences, double sign, int parts) {
        TokenGradient whole = gradient(TokenShape.of(sequences)).times(sign);
        int from = 0;
        for (int part = 1; part <= parts; part++) {
            int to = sequences.size() * part / parts;
            try (ForwardPass pass = policy.forward(sequences.subList(from, to))) {
                TokenShape shape = pass.logProbs().shape();
                double[] values = new double[shape.tokens()];
                System.arraycopy(whole.toArray(), whole.shape().start(from), values, 0, values.length);
                pass.backward(TokenGradient.of(shape, values));
            }
            from = to;
        }
    }

    static void train(Policy policy, Optimizer optimizer, List<TokenSequence> sequences, int steps) {
        for (int step = 0; step < steps; step++) {
            accumulate(policy, sequences, 1, 2);
            optimizer.step(0.01);
        }
    }

    /** Φ = Σ g_i log π(y_i), or of another number of each token. */
    static double value(TokenLogProbs logProbs) {
        double[] gradient = gradient(logProbs.shape()).toArray();
        double sum = 0;
        for (int i = 0; i < gradient.length; i++) {
            sum += gradient[i] * logProbs.at(i);
        }
        return sum;
    }
}
