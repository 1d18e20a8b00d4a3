package dpo.train;

import dpo.core.loss.LossEvaluation;
import java.util.LinkedHashMap;
import java.util.Map;

/** The loss of an optimizer step and of its named terms, added up over micro-batches. */
public final class StepLoss {

    /** Name of the preference term. */
    public static final String PREFERENCE = "preference";

    /** Name of the SFT term. */
    public static final String SFT = "sft";

    private double loss;
    private final Map<String, Double> terms = new LinkedHashMap<>();

    private Map<String, Double> carried = Map.of();

    /** Adds the share of a micro-batch. */
    void add(LossEvaluation evaluation) {
        loss += evaluation.value();
        carried = evaluation.carried();
        evaluation.terms().forEach((name, value) -> terms.merge(name, value, Double::sum));
    }

    /** Adds the SFT term on its own data set; its value is recorded without the weight. */
    void addSft(double value, double weight) {
        terms.put(PREFERENCE, loss);
        loss += weight * value;
        terms.put(SFT, value);
    }

    double value() {
        return loss;
    }

    /** Values of the named terms. */
    Map<String, Double> terms() {
        return terms;
    }

    /** State of the objective for the next step. */
    Map<String, Double> carried() {
        return carried;
    }
}
