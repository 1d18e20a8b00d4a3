package dpo.harness.peer;

import static dpo.core.numeric.LogSpace.logSigmoid;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.MarginLoss;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * EXO with the rounding of TRL 1.16, for exact comparisons: {@link dpo.core.loss.pairwise.ExoPairLoss} with log ε and
 * log(1−ε) rounded to single precision, which changes values by about 1e-8.
 *
 * @param beta β &gt; 0
 * @param labelSmoothing ε in (0, 1)
 */
public record TrlExoPair(
        @Setting(about = "β > 0: strength of the KL constraint")
        double beta,

        @Setting(about = "ε in (0, 1): smoothing of the label")
        double labelSmoothing)
        implements MarginLoss {

    public TrlExoPair {
        Requirement.positive("beta", beta);
        Requirement.positive("label_smoothing", labelSmoothing);
        Requirement.within("label_smoothing", labelSmoothing, 0, 1);
    }

    @Override
    public MarginTerm at(double margin) {
        double reward = beta * margin;
        double chosen = logSigmoid(reward) - (float) Math.log1p(-(float) labelSmoothing);
        double rejected = logSigmoid(-reward) - (float) Math.log((float) labelSmoothing);
        double q = sigmoid(reward);
        double rest = sigmoid(-reward);
        return new MarginTerm(q * chosen + rest * rejected, beta * q * rest * (chosen - rejected));
    }
}
