package dpo.core.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.ImplicitReward;
import dpo.core.sequence.Label;
import java.util.List;
import java.util.Map;

/** Three pairs whose metrics are known, and metrics of given log-probs. */
final class Measured {

    /** Margins s_w − s_l: (1 + 0.5) − (−0.25) = 1.75;  −1 − (−1) = 0;  −2 − 0.5 = −2.5. */
    static final PreferenceLogProbs THREE_PAIRS = new PreferenceLogProbs(
            TokenLogProbs.ofRows(row(-1, -2), row(-1.25), row(-3), row(-2, -2), row(-4), row(-1, -1, -1)),
            TokenLogProbs.ofRows(row(-2, -2.5), row(-1), row(-2), row(-2, -1), row(-2), row(-1.5, -1, -1)),
            Labels.of(List.of(
                    new Label(2, List.of(), "b", 1),
                    new Label(2, List.of(), "a", 5),
                    new Label(2, List.of(), "b", 0))));

    private Measured() {}

    static double[] row(double... values) {
        return values;
    }

    static Map<String, Double> valuesOf(ImplicitReward objective, PreferenceLogProbs logProbs) {
        PreferenceMetrics metrics = new PreferenceMetrics(objective);
        metrics.add(logProbs);
        return metrics.values();
    }

    static void assertClose(Map<String, Double> values, String name, double expected) {
        assertThat(values).containsKey(name);
        assertThat(values.get(name)).as(name).isCloseTo(expected, within(1e-12));
    }
}
