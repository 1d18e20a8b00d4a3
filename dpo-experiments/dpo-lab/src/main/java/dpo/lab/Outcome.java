package dpo.lab;

import dpo.report.figure.Plot;
import java.util.List;
import java.util.Optional;

/**
 * What an experiment found.
 *
 * @param quantities the measured quantities with their predictions
 * @param verdict whether the claim holds at these settings
 * @param statement the verdict as a sentence with numbers: the condition under which the claim holds, or the
 *     counterexample
 * @param plot the figure; empty for none
 */
public record Outcome(List<Quantity> quantities, Verdict verdict, String statement, Optional<Plot> plot) {

    public Outcome {
        quantities = List.copyOf(quantities);
    }

    /** An outcome without a figure. */
    public Outcome(List<Quantity> quantities, Verdict verdict, String statement) {
        this(quantities, verdict, statement, Optional.empty());
    }

    /** The same outcome with a figure. */
    public Outcome with(Plot figure) {
        return new Outcome(quantities, verdict, statement, Optional.of(figure));
    }

    /** The quantities that differ from their prediction. */
    public List<Quantity> disagreements() {
        return quantities.stream().filter(quantity -> !quantity.agrees()).toList();
    }
}
