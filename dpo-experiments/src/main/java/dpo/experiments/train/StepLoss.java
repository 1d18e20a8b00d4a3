package dpo.experiments.train;

import dpo.core.loss.LossEvaluation;
import dpo.experiments.config.ObjectiveConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/** The loss of an optimizer step and of its named terms, added up over micro-batches. */
final class StepLoss {

    private double loss;
    private final Map<String, Double> terms = new LinkedHashMap<>();

    private Map<String, Double> carried = Map.of();

    /** Adds a micro-batch's share. */
    void add(LossEvaluation evaluation) {
        loss += evaluation.value();
        carried = evaluation.carried();
        evaluation.terms().forEach((name, value) -> terms.merge(name, value, Double::sum));
    }

    /** Adds the SFT term on a data set of its own; its value is recorded without the weight. */
    void addSft(double value, double weight) {
        terms.put(ObjectiveConfig.PREFERENCE, loss);
        loss += weight * value;
        terms.put(ObjectiveConfig.SFT, value);
    }

    /** What the objective takes along to the next step. */
    Map<String, Double> carried() {
        return carried;
    }

    /** {@code loss}, {@code loss/NAME} of every term, {@code carried/NAME} of what is carried. */
    Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", loss);
        terms.forEach((name, value) -> values.put("loss/" + name, value));
        carried.forEach((name, value) -> values.put(RunLog.carriedName(name), value));
        return values;
    }
}
