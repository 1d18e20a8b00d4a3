package dpo.harness.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.loss.MarginLoss;
import dpo.core.loss.composed.GroupWeighted;
import dpo.core.loss.composed.GroupWeights;
import dpo.core.loss.composed.TurnWeighted;
import dpo.core.loss.composed.TurnWeights;
import dpo.core.loss.composed.WeightedSum;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.loss.referencefree.SftLoss;
import dpo.core.setting.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The objective is composed from its section. */
class ObjectiveSectionTest {

    @TempDir
    Path folder;

    private final Backends backends = Backends.onClassPath();

    @Test
    void the_objective_is_composed_from_its_section() {
        ExperimentConfig config = Experiments.only(folder, Experiments.MINIMAL + """
                objective:
                  preference: {type: sigmoid, beta: 0.3}
                  sft: {weight: beta}
                  turns: last
                  groups: {weights: {all: 2}}
                """);
        assertThat(config.objective().loss())
                .isEqualTo(new WeightedSum(List.of(
                        new WeightedSum.Term(
                                "preference",
                                1,
                                new GroupWeighted(
                                        new TurnWeighted(new SigmoidLoss(0.3, 0), new TurnWeights.Last()),
                                        new GroupWeights.Own(Map.of("all", 2.0)))),
                        new WeightedSum.Term("sft", 0.3, new SftLoss(SftLoss.Average.SUM)))));
    }

    @Test
    void beta_as_sft_weight_is_refused_if_terms_have_different_betas() {
        assertThatThrownBy(() -> Experiments.only(folder, Experiments.MINIMAL + """
                        objective:
                          preference: [{type: sigmoid, beta: 0.1}, {type: hinge, beta: 0.2}]
                          sft: {weight: beta}
                        """))
                .hasMessageContaining("objective.sft must have a number as weight");
    }

    /** A researcher's own objective, which the configuration names by its class. */
    public record SquaredMargin(
            @Setting(about = "target", byDefault = "1.0") double target) implements MarginLoss {

        @Override
        public MarginTerm at(double margin) {
            double miss = margin - target;
            return new MarginTerm(miss * miss, 2 * miss);
        }
    }

    @Test
    void an_objective_of_the_users_own_is_named_by_its_class() {
        ExperimentConfig config = Experiments.only(
                folder,
                Experiments.MINIMAL + "objective: {preference: {type: '" + SquaredMargin.class.getName()
                        + "', target: 2}}");
        assertThat(config.objective().loss()).isEqualTo(new SquaredMargin(2));
        assertThat(Experiments.only(folder, ExperimentFile.resolved(config, backends)))
                .isEqualTo(config);
    }

    @Test
    void an_sft_weight_is_a_number_or_beta() {
        assertThat(new SftWeight(OptionalDouble.empty()).isBeta()).isTrue();
        assertThatThrownBy(() -> new SftWeight(OptionalDouble.of(Double.NaN))).hasMessageContaining("got NaN");
    }
}
