package dpo.core.theory;

import dpo.core.world.MarkovPolicy;
import dpo.core.world.MarkovShape;
import java.util.Arrays;
import org.hipparchus.complex.Complex;

/**
 * Sums over all completions of a Markov chain, weighted by {@code π(y | x) e^{iω r(x, y)}}, of the counts φ of its
 * transitions: {@code Z_x = E[e^{iωr}]}, {@code m_x = E[e^{iωr} φ]} and {@code M_x = E[e^{iωr} φ φᵀ]}, by forward and
 * backward recursions. At ω = 0 they are the moments of φ.
 */
final class VisitMoments {

    private final TransitionFeatures features;
    private final MarkovShape shape;

    /** {@code π(a|s) e^{iωρ(s,a)}} of each entry. */
    private final Complex[] steps;

    /** Sum over all continuations after each state. */
    private final Complex[] toCome;

    /** {@code steps · toCome} of the next state, of each entry. */
    private final Complex[] endings;

    /** Sum over all paths from a state to a later one, {@code [from][to]}. */
    private final Complex[][] paths;

    /**
     * The sums of a policy.
     *
     * @param rewards ρ of each entry
     * @param frequency ω
     */
    VisitMoments(TransitionFeatures features, MarkovPolicy policy, double[] rewards, double frequency) {
        this.features = features;
        this.shape = features.shape();
        this.steps = new Complex[shape.entries()];
        for (int entry = 0; entry < steps.length; entry++) {
            double probability = Math.exp(policy.logProb(entry));
            double angle = frequency * rewards[entry];
            steps[entry] = new Complex(probability * Math.cos(angle), probability * Math.sin(angle));
        }
        this.endings = new Complex[shape.entries()];
        this.toCome = toCome();
        this.paths = paths();
    }

    private Complex[] toCome() {
        Complex[] sums = new Complex[shape.states()];
        for (int state = shape.states() - 1; state >= 0; state--) {
            Complex sum = Complex.ZERO;
            for (int token = 0; token < shape.vocabulary(); token++) {
                int entry = state * shape.vocabulary() + token;
                int next = shape.next(state, token);
                endings[entry] = next == MarkovShape.OVER ? steps[entry] : steps[entry].multiply(sums[next]);
                sum = sum.add(endings[entry]);
            }
            sums[state] = sum;
        }
        return sums;
    }

    private Complex[][] paths() {
        Complex[][] sums = new Complex[shape.states()][];
        for (int from = 0; from < sums.length; from++) {
            Complex[] row = new Complex[shape.states()];
            Arrays.fill(row, Complex.ZERO);
            row[from] = Complex.ONE;
            for (int state = from; state < row.length; state++) {
                for (int token = 0; token < shape.vocabulary() && !row[state].isZero(); token++) {
                    int next = shape.next(state, token);
                    if (next != MarkovShape.OVER) {
                        row[next] = row[next].add(row[state].multiply(steps[state * shape.vocabulary() + token]));
                    }
                }
            }
            sums[from] = row;
        }
        return sums;
    }

    /** Z of a prompt. */
    Complex total(int prompt) {
        return toCome[prompt];
    }

    /** m of a prompt, {@code [feature]}, as real and imaginary parts. */
    double[][] first(int prompt) {
        double[][] sums = new double[2][features.count()];
        for (int entry = 0; entry < steps.length; entry++) {
            int feature = features.of(entry);
            if (feature >= 0) {
                Complex visits = paths[prompt][entry / shape.vocabulary()].multiply(endings[entry]);
                sums[0][feature] += visits.getRealPart();
                sums[1][feature] += visits.getImaginaryPart();
            }
        }
        return sums;
    }

    /**
     * Adds {@code Re Σ_x c_x M_x} to a matrix.
     *
     * @param factors c, one per prompt
     */
    void addSecond(Complex[] factors, double[][] matrix) {
        for (int entry = 0; entry < steps.length; entry++) {
            int feature = features.of(entry);
            if (feature < 0) {
                continue;
            }
            int state = entry / shape.vocabulary();
            Complex reached = Complex.ZERO;
            for (int prompt = 0; prompt < shape.prompts(); prompt++) {
                reached = reached.add(factors[prompt].multiply(paths[prompt][state]));
            }
            matrix[feature][feature] += reached.multiply(endings[entry]).getRealPart();
            int next = shape.next(state, entry % shape.vocabulary());
            if (next != MarkovShape.OVER) {
                addLater(feature, reached.multiply(steps[entry]), paths[next], matrix);
            }
        }
    }

    /** Adds the products of one visit with all later ones, in both orders. */
    private void addLater(int feature, Complex before, Complex[] onward, double[][] matrix) {
        for (int state = shape.prompts(); state < onward.length; state++) {
            if (onward[state].isZero()) {
                continue;
            }
            Complex between = before.multiply(onward[state]);
            for (int token = 0; token < shape.vocabulary(); token++) {
                int entry = state * shape.vocabulary() + token;
                int later = features.of(entry);
                if (later >= 0) {
                    double sum = between.getRealPart() * endings[entry].getRealPart()
                            - between.getImaginaryPart() * endings[entry].getImaginaryPart();
                    matrix[feature][later] += sum;
                    matrix[later][feature] += sum;
                }
            }
        }
    }
}
