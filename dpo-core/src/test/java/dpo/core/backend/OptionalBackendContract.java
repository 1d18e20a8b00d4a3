package dpo.core.backend;

import static dpo.core.logprob.TokenStatistic.LOG_SUM_SQUARED_PROBS;
import static dpo.core.logprob.TokenStatistic.REFERENCE_KL;
import static dpo.core.numeric.CloseNumbers.assertAllClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenShape;
import dpo.core.sequence.TokenSequence;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.DoubleStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/**
 * Laws of the optional abilities of a backend: token statistics with their gradients, {@link Policy#moveTowards}, and
 * sampling ({@link SamplingContract}). A backend without an ability must throw the documented exception.
 */
public interface OptionalBackendContract extends SamplingContract, NextTokenContract {

    /** A new small policy, with equal parameters at every call. */
    @Override
    Policy open();

    /** At least four sequences of unequal lengths that the policy can score; at least one has two scored turns. */
    @Override
    List<TokenSequence> sequences();

    /**
     * Largest difference, in nats, between two computations of the same log-probability: 1e-12 for doubles, about 1e-5
     * for floats.
     */
    @Override
    default double tolerance() {
        return 1e-12;
    }

    /** Number of tokens that may end a sequence, from id 0 on; by default the whole vocabulary. */
    @Override
    default int completionVocabulary(Policy policy) {
        return policy.vocabularySize();
    }

    @Test
    default void the_log_sum_of_squared_probabilities_is_over_the_next_token_distribution_or_is_refused() {
        StatisticRequest request = new StatisticRequest(Set.of(LOG_SUM_SQUARED_PROBS), Optional.empty());
        TokenSequence sequence = sequences().get(0);
        try (Policy policy = open()) {
            if (isRefused(policy, request)) {
                return;
            }
            try (ForwardPass pass = policy.forward(List.of(sequence), request)) {
                double sum = DoubleStream.of(lastTokenDistribution(policy, sequence))
                        .map(logProb -> Math.exp(2 * logProb))
                        .sum();
                double[] statistic =
                        pass.statistics().get(LOG_SUM_SQUARED_PROBS).row(0);
                assertThat(statistic).hasSize(sequence.scoredTokens());
                assertThat(statistic[statistic.length - 1]).isCloseTo(Math.log(sum), nats());
                assertAllClose(
                        "log-probs of a forward pass",
                        pass.logProbs().toArray(),
                        policy.logProbs(List.of(sequence)).toArray(),
                        tolerance());
            }
        }
    }

    @Test
    default void the_divergence_from_a_reference_is_over_the_next_token_distribution_or_is_refused() {
        TokenSequence sequence = sequences().get(0);
        try (Policy policy = open();
                Policy reference = trainedReference()) {
            if (isRefused(policy, referenceKl(reference))) {
                return;
            }
            try (ForwardPass pass = policy.forward(List.of(sequence), referenceKl(reference));
                    ForwardPass ofItself = policy.forward(sequences(), referenceKl(policy))) {
                double[] ofPolicy = lastTokenDistribution(policy, sequence);
                double[] ofReference = lastTokenDistribution(reference, sequence);
                double sum = 0;
                for (int token = 0; token < ofPolicy.length; token++) {
                    sum += Math.exp(ofReference[token]) * (ofReference[token] - ofPolicy[token]);
                }
                double[] statistic = pass.statistics().get(REFERENCE_KL).row(0);
                assertThat(statistic).hasSize(sequence.scoredTokens());
                assertThat(statistic[statistic.length - 1])
                        .isCloseTo(sum, nats())
                        .isGreaterThan(10 * tolerance());
                assertAllClose(
                        "log-probs of a forward pass",
                        pass.logProbs().toArray(),
                        policy.logProbs(List.of(sequence)).toArray(),
                        tolerance());
                double[] none = ofItself.statistics().get(REFERENCE_KL).toArray();
                assertAllClose("KL from itself", none, new double[none.length], tolerance());
            }
        }
    }

    @Test
    default void scores_are_the_log_probs_of_the_policy_and_the_statistics_of_a_forward_pass_or_are_refused() {
        try (Policy policy = open();
                Policy reference = trainedReference()) {
            StatisticRequest both =
                    new StatisticRequest(Set.of(LOG_SUM_SQUARED_PROBS, REFERENCE_KL), Optional.of(reference));
            if (isRefused(policy, both)) {
                return;
            }
            TokenScores scores = policy.scores(sequences(), both);
            try (ForwardPass pass = policy.forward(sequences(), both)) {
                assertThat(scores.logProbs().toArray())
                        .isEqualTo(policy.logProbs(sequences()).toArray());
                assertThat(scores.statistics()).hasSameSizeAs(pass.statistics());
                pass.statistics().forEach((statistic, values) -> {
                    assertThat(scores.statistics().get(statistic).shape()).isEqualTo(values.shape());
                    double[] scored = scores.statistics().get(statistic).toArray();
                    assertAllClose(statistic + " of scores", scored, values.toArray(), tolerance());
                });
            }
            assertThat(policy.scores(sequences(), StatisticRequest.NONE).statistics())
                    .isEmpty();
        }
    }

    /**
     * As {@link BackendContract#backward_gives_the_gradient_of_the_log_probs}, of {@code Φ = w Σ g_i log π(y_i) + 10 Σ
     * g_i KL_i}.
     */
    @Test
    default void backward_gives_the_gradient_of_the_divergence_from_a_reference_if_supported() {
        try (Policy policy = open();
                Policy reference = trainedReference()) {
            if (isRefused(policy, referenceKl(reference))) {
                return;
            }
            for (double ofLogProbs : new double[] {0, 1}) {
                double norm = stepAlong(reference, ofLogProbs, 1, 0).norm();
                assertThat(norm).isPositive();
                double change = 0.01;
                double rate = change / (norm * norm) * Steps.LARGE_EPSILON;
                double up = stepAlong(reference, ofLogProbs, -1, rate).value();
                double down = stepAlong(reference, ofLogProbs, 1, rate).value();
                assertThat(up - down).isCloseTo(2 * change, within(0.02 * change + 100 * tolerance()));
            }
        }
    }

    @Test
    default void a_policy_moved_by_a_share_is_between_both_and_moved_by_1_is_a_copy_or_cannot_be_moved() {
        try (Policy start = open();
                Policy other = open();
                Policy moved = open();
                Optimizer optimizer = other.optimizer(Steps.plain(1))) {
            Steps.accumulate(other, sequences(), 1);
            optimizer.step(100);
            double[] from = start.logProbs(sequences()).toArray();
            double[] to = other.logProbs(sequences()).toArray();
            assertThat(to).isNotEqualTo(from);
            try {
                moved.moveTowards(other, 0);
            } catch (IllegalArgumentException refused) {
                assertThat(refused)
                        .hasMessageContaining("reference must be fixed, because this backend cannot move it");
                return;
            }
            assertThat(moved.logProbs(sequences()).toArray()).isEqualTo(from);
            moved.moveTowards(other, 0.25);
            double[] way = moved.logProbs(sequences()).toArray();
            assertThat(way).isNotEqualTo(from).isNotEqualTo(to);
            moved.moveTowards(other, 1);
            assertThat(moved.logProbs(sequences()).toArray()).isEqualTo(to);
        }
    }

    /** A policy that differs from the opened one. */
    private Policy trainedReference() {
        Policy reference = open();
        try (Optimizer optimizer = reference.optimizer(Steps.adam())) {
            Steps.train(reference, optimizer, sequences(), 10);
        }
        return reference;
    }

    private static StatisticRequest referenceKl(Policy reference) {
        return new StatisticRequest(Set.of(REFERENCE_KL), Optional.of(reference));
    }

    private boolean isRefused(Policy policy, StatisticRequest request) {
        try {
            policy.forward(sequences(), request).close();
            return false;
        } catch (IllegalArgumentException refused) {
            assertThat(refused).hasMessageContaining("statistics must be ones that this backend computes");
            return true;
        }
    }

    /** Log-probabilities of all tokens that could end a sequence instead of its last one. */
    private double[] lastTokenDistribution(Policy policy, TokenSequence sequence) {
        return NextTokens.logProbs(policy, NextTokens.beforeLast(sequence), completionVocabulary(policy));
    }

    /** The norm of a step's gradient, and the value Φ after it. */
    record Stepped(double norm, double value) {}

    private Stepped stepAlong(Policy reference, double ofLogProbs, double sign, double rate) {
        try (Policy policy = open();
                Optimizer optimizer = policy.optimizer(Steps.plain(Double.POSITIVE_INFINITY))) {
            TokenGradient gradient = Steps.gradient(TokenShape.of(sequences()));
            try (ForwardPass pass = policy.forward(sequences(), referenceKl(reference))) {
                pass.backward(gradient.times(sign * ofLogProbs), Map.of(REFERENCE_KL, gradient.times(sign * 10)));
            }
            double norm = optimizer.step(rate);
            try (ForwardPass pass = policy.forward(sequences(), referenceKl(reference))) {
                return new Stepped(
                        norm,
                        ofLogProbs * Steps.value(pass.logProbs())
                                + 10 * Steps.value(pass.statistics().get(REFERENCE_KL)));
            }
        }
    }

    private Offset<Double> nats() {
        return within(tolerance());
    }
}
