package dpo.core.theory;

import dpo.core.world.ControlledWorld;
import dpo.core.world.MarkovPolicy;
import dpo.core.world.MarkovShape;
import java.util.Arrays;
import org.hipparchus.complex.Complex;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.CholeskyDecomposition;
import org.hipparchus.linear.RealMatrix;

/**
 * What one judged pair of a controlled world tells about the reward, exactly.
 *
 * <p>A pair has a uniform prompt and two different completions, drawn independently from π_ref; δ is the difference of
 * their true rewards and D that of their features. Expectations over all pairs of f(δ), for an even f with the Fourier
 * transform {@code f̂(ω) = ∫ f(δ) e^{iωδ} dδ}, are
 *
 * <pre>  E[f(δ) D Dᵀ | x] = (1/2π) ∫ f̂(ω) E[e^{iω(r(y) − r(y'))} D Dᵀ | x] dω,</pre>
 *
 * where the inner expectation factorises into sums over single completions ({@link VisitMoments}). The trapezoidal rule
 * replaces f by the sum of its copies at distance 2π/h, h the step; h is so small that no other copy reaches a possible
 * δ, so the result is exact to rounding.
 */
public final class PairInformation {

    /** f(δ) is below 1e-17 at this |δ|, and f̂(ω) at half of it. */
    private static final double NEGLIGIBLE = 46;

    private static final double HIGHEST_FREQUENCY = 14.5;

    private final ControlledWorld world;
    private final MarkovShape shape;
    private final double[] rewards;

    /**
     * The information of the pairs of a world.
     *
     * @param world gives π_ref and the true reward
     */
    public PairInformation(ControlledWorld world) {
        this.world = world;
        this.shape = world.shape();
        this.rewards = world.rewards();
    }

    /** The Fisher information of the Bradley–Terry model for one pair, {@code I = E[σ′(δ) D Dᵀ]}, {@code [feature][feature]}. */
    public double[][] fisher(TransitionFeatures features) {
        double[][] sum = new double[features.count()][features.count()];
        double[] weights = promptWeights();
        double step = step();
        for (int k = 0; k * step < HIGHEST_FREQUENCY; k++) {
            // The terms of ω and −ω are conjugate.
            double weight = (k == 0 ? 1 : 2) * step / (2 * Math.PI) * slopeTransform(k * step);
            VisitMoments moments = new VisitMoments(features, world.reference(), rewards, k * step);
            Complex[] factors = new Complex[shape.prompts()];
            for (int prompt = 0; prompt < factors.length; prompt++) {
                double ofPrompt = 2 * weight * weights[prompt];
                factors[prompt] = moments.total(prompt).conjugate().multiply(ofPrompt);
                subtractSquare(moments.first(prompt), ofPrompt, sum);
            }
            moments.addSecond(factors, sum);
        }
        return sum;
    }

    /** Subtracts {@code factor · Re(m m*)}. */
    private static void subtractSquare(double[][] first, double factor, double[][] matrix) {
        double[] real = first[0];
        double[] imaginary = first[1];
        for (int i = 0; i < real.length; i++) {
            for (int j = 0; j < real.length; j++) {
                matrix[i][j] -= factor * (real[i] * real[j] + imaginary[i] * imaginary[j]);
            }
        }
    }

    /** The mean log-loss of the true reward, nats: the entropy of a label. No reward has a smaller expected loss. */
    public double bayesLoss() {
        double step = step();
        double[] weights = promptWeights();
        TransitionFeatures none = TransitionFeatures.ofTokens(shape);
        double sum = 0;
        for (int k = 0; k * step < HIGHEST_FREQUENCY; k++) {
            double weight = (k == 0 ? 1 : 2) * step / (2 * Math.PI) * entropyTransform(k * step);
            VisitMoments moments = new VisitMoments(none, world.reference(), rewards, k * step);
            for (int prompt = 0; prompt < weights.length; prompt++) {
                double size = moments.total(prompt).norm();
                sum += weight * weights[prompt] * size * size;
            }
        }
        for (double weight : weights) {
            sum -= Math.log(2) * (weight - 1.0 / weights.length); // equal completions, which are drawn again
        }
        return sum;
    }

    /**
     * The limit of n · (J(π*_β) − J(π̂_β)) as the number n of pairs grows, where π̂_β is the optimum of the
     * maximum-likelihood reward of the class. The estimate is asymptotically normal with covariance I⁻¹/n, and the regret
     * is quadratic in its error, {@code (ŵ − w)ᵀ Cov_π*(φ) (ŵ − w) / (2β)}, to first order.
     *
     * @param fisher I of the class
     * @param beta β &gt; 0
     */
    public RegretLimit regretLimit(TransitionFeatures features, double[][] fisher, double beta) {
        RealMatrix covariance = new Array2DRowRealMatrix(covariance(features, world.optimum(beta)), false);
        RealMatrix ratio = new CholeskyDecomposition(new Array2DRowRealMatrix(fisher, false), 1e-9, 0)
                .getSolver()
                .solve(covariance);
        double squares = 0;
        for (int i = 0; i < features.count(); i++) {
            for (int j = 0; j < features.count(); j++) {
                squares += ratio.getEntry(i, j) * ratio.getEntry(j, i);
            }
        }
        return new RegretLimit(ratio.getTrace() / (2 * beta), Math.sqrt(squares / 2) / beta);
    }

    /** The covariance of the features of a policy's completions within a prompt, averaged over prompts. */
    public double[][] covariance(TransitionFeatures features, MarkovPolicy policy) {
        double[][] sum = new double[features.count()][features.count()];
        VisitMoments moments = new VisitMoments(features, policy, rewards, 0);
        Complex[] factors = new Complex[shape.prompts()];
        Arrays.fill(factors, new Complex(1.0 / shape.prompts()));
        moments.addSecond(factors, sum);
        for (int prompt = 0; prompt < shape.prompts(); prompt++) {
            subtractSquare(moments.first(prompt), 1.0 / shape.prompts(), sum);
        }
        return sum;
    }

    /** Of each prompt: its probability divided by that of two different completions. */
    private double[] promptWeights() {
        double[] equal = new double[shape.states()];
        for (int state = shape.states() - 1; state >= 0; state--) {
            for (int token = 0; token < shape.vocabulary(); token++) {
                int next = shape.next(state, token);
                equal[state] += Math.exp(2 * world.reference().logProb(state * shape.vocabulary() + token))
                        * (next == MarkovShape.OVER ? 1 : equal[next]);
            }
        }
        double[] weights = new double[shape.prompts()];
        Arrays.setAll(weights, prompt -> 1 / (shape.prompts() * (1 - equal[prompt])));
        return weights;
    }

    private double step() {
        return 2 * Math.PI / (NEGLIGIBLE + largestGap());
    }

    /** The largest difference of the rewards of two completions of one prompt. */
    private double largestGap() {
        double[] highest = extremes(1);
        double[] lowest = extremes(-1);
        double largest = 0;
        for (int prompt = 0; prompt < shape.prompts(); prompt++) {
            largest = Math.max(largest, highest[prompt] + lowest[prompt]);
        }
        return largest;
    }

    private double[] extremes(int sign) {
        double[] best = new double[shape.states()];
        for (int state = shape.states() - 1; state >= 0; state--) {
            best[state] = Double.NEGATIVE_INFINITY;
            for (int token = 0; token < shape.vocabulary(); token++) {
                int next = shape.next(state, token);
                double toCome = next == MarkovShape.OVER ? 0 : best[next];
                best[state] = Math.max(best[state], sign * rewards[state * shape.vocabulary() + token] + toCome);
            }
        }
        return best;
    }

    /** The transform of σ′, the density of the logistic distribution: {@code πω / sinh(πω)}. */
    private static double slopeTransform(double frequency) {
        double x = Math.PI * frequency;
        return x == 0 ? 1 : x / Math.sinh(x);
    }

    /** The transform of the entropy of a label with log odds δ: {@code π (πω cosh πω − sinh πω) / (ω sinh² πω)}. */
    private static double entropyTransform(double frequency) {
        double x = Math.PI * frequency;
        return x == 0
                ? Math.PI * Math.PI / 3
                : Math.PI * Math.PI * (x * Math.cosh(x) - Math.sinh(x)) / (x * Math.pow(Math.sinh(x), 2));
    }
}
