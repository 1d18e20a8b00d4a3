package dpo.bench;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.loss.HingeLoss;
import dpo.core.loss.IpoLoss;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Reduction;
import dpo.core.loss.SftLoss;
import dpo.core.loss.SigmoidLoss;
import dpo.core.loss.WeightedSum;
import java.util.Arrays;
import java.util.List;
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
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Value and gradient of the objectives at 1,024 pairs of 256 + 256 tokens, beside the sum of an array of the same size: the
 * four arrays that an objective reads, and the two that it writes, are what it cannot avoid.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LossBenchmark {

    private static final int PAIRS = 1024;
    private static final int TOKENS = 256;

    /** The objective. */
    @Param({"sigmoid", "ipo_mean", "hinge", "sft", "sigmoid_sft"})
    public String objective = "sigmoid";

    private PreferenceLoss loss = new SigmoidLoss(0.1, 0);
    private PreferenceLogProbs logProbs = logProbs();
    private Normalizer normalizer = Normalizer.of(logProbs);
    private double[] plain = new double[4 * PAIRS * TOKENS];

    /** Makes the objective of this trial. */
    @Setup
    public void prepare() {
        loss = switch (objective) {
            case "sigmoid" -> new SigmoidLoss(0.1, 0);
            case "ipo_mean" -> new IpoLoss(0.1, Reduction.MEAN);
            case "hinge" -> new HingeLoss(0.1);
            case "sft" -> new SftLoss(SftLoss.Average.TOKEN_MEAN);
            case "sigmoid_sft" -> new WeightedSum(List.of(
                    new WeightedSum.Term("preference", 1, new SigmoidLoss(0.1, 0)),
                    new WeightedSum.Term("sft", 0.1, new SftLoss(SftLoss.Average.SUM))));
            default -> throw new IllegalArgumentException("objective must be known, got " + objective);
        };
        Arrays.fill(plain, -1.5);
    }

    /** Value and gradient. */
    @Benchmark
    public LossEvaluation evaluate() {
        return loss.evaluate(logProbs, normalizer);
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
        int[][] lengths = new int[PAIRS][];
        Arrays.setAll(lengths, row -> new int[] {TOKENS});
        TokenShape shape = TokenShape.ofTurns(lengths);
        SplittableRandom random = new SplittableRandom(1);
        TokenLogProbs[] sides = new TokenLogProbs[4];
        for (int i = 0; i < sides.length; i++) {
            sides[i] = TokenLogProbs.of(shape, random.doubles(shape.tokens(), -4, 0).toArray());
        }
        return PreferenceLogProbs.ofPairs(sides[0], sides[1], sides[2], sides[3]);
    }
}
