package dpo.bench;

import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.logprob.TokenStatistic;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.sequence.Label;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Value and gradient of every objective at 1,024 pairs of 256 + 256 tokens. An objective reads the log-probabilities of
 * two models, 8.4 MB; {@link #plainSum} adds up an array of that size.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class LossBenchmark {

    private static final int PAIRS = 1024;
    private static final int TOKENS = 256;

    /** The objective that a benchmark measures. */
    @State(Scope.Benchmark)
    public static class Objective {

        /** Its name. */
        @Param
        public BenchmarkedLoss objective = BenchmarkedLoss.SIGMOID;
    }

    private final PreferenceLogProbs logProbs = logProbs();
    private final Normalizer normalizer = Normalizer.of(logProbs);
    private final double[] plain = new double[4 * PAIRS * TOKENS];

    /** Value and gradient. */
    @Benchmark
    public LossEvaluation evaluate(Objective of) {
        return of.objective.loss().evaluate(logProbs, normalizer);
    }

    /** The sum of as many doubles as an objective reads. */
    @Benchmark
    public double plainSum() {
        double sum = 0;
        for (double value : plain) {
            sum += value;
        }
        return sum;
    }

    private static PreferenceLogProbs logProbs() {
        int[][] lengths = new int[2 * PAIRS][];
        Arrays.setAll(lengths, row -> new int[] {TOKENS});
        TokenShape shape = TokenShape.ofTurns(lengths);
        SplittableRandom random = new SplittableRandom(1);
        return new PreferenceLogProbs(
                values(shape, random),
                values(shape, random),
                Labels.of(Collections.nCopies(PAIRS, new Label(2, List.of(2.0, 1.0), "all", 1))),
                Map.of(
                        TokenStatistic.LOG_SUM_SQUARED_PROBS, values(shape, random),
                        TokenStatistic.REFERENCE_KL, values(shape, random)),
                Collections.nCopies(PAIRS, 0.1));
    }

    private static TokenLogProbs values(TokenShape shape, SplittableRandom random) {
        return TokenLogProbs.of(shape, random.doubles(shape.tokens(), -4, 0).toArray());
    }
}
