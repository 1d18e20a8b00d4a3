package dpo.core.theory;

import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.referencefree.SftLoss;
import dpo.core.numeric.LogSpace;

/**
 * The expected SFT term over a distribution D_SFT of answers of one token, as a function of the policy's logits:
 * {@code L(θ) = Σ_a p_a ℓ_a}, {@code π = softmax(θ)}. Its minimum is at π = p.
 *
 * @param loss the term
 * @param data p, probability of each answer in D_SFT
 */
public record ExpectedSft(SftLoss loss, double[] data) implements SmoothFunction {

    @Override
    public At at(double[] logits) {
        double logSum = LogSpace.logSumExp(logits);
        double value = 0;
        double sum = 0;
        double[] gradient = new double[logits.length];
        for (int a = 0; a < logits.length; a++) {
            LossEvaluation ofAnswer = loss.evaluate(TokenLogProbs.ofRows(new double[][] {{logits[a] - logSum}}), 1, 1);
            value += data[a] * ofAnswer.value();
            gradient[a] = data[a] * ofAnswer.gradient().row(0)[0];
            sum += gradient[a];
        }
        for (int a = 0; a < logits.length; a++) {
            gradient[a] -= sum * Math.exp(logits[a] - logSum);
        }
        return new At(value, gradient);
    }
}
