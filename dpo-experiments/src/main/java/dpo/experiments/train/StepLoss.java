package dpo.experiments.train;

import dpo.core.loss.LossEvaluation;
import dpo.experiments.config.ObjectiveConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/** The loss of an optimizer step and of its named terms, added up over micro-batches. */
final class StepLoss {

    private double loss;
    private final Map<String, Double> terms = new LinkedHashMap<>();

    /** Adds a micro-batch's share. */
    void add(LossEvaluation evaluation) {
        loss += evaluation.value();
        evaluation.terms().forEach((name, value) -> terms.merge(name, value, Double::sum));
    }

    /** Adds the SFT term on a data set of its own; its value is recorded without the weight. */
    void addSft(double value, double weight) {
        terms.put(ObjectiveConfig.PREFERENCE, loss);
        loss += weight * value;
        terms.put(ObjectiveConfig.SFT, value);
    }

    /** {@code loss}, and {@code loss/NAME} of every term. */
    Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", loss);
        terms.forEach((name, value) -> values.put("loss/" + name, value));
        return values;
    }
}
