package dpo.core.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.InvalidInputException;
import dpo.core.world.ControlledWorld;
import dpo.core.world.MarkovShape;
import org.junit.jupiter.api.Test;

class KlConstraintTest {

    private final ControlledWorld world = ControlledWorld.random(new MarkovShape(5, 4, 2), 1, 1, 3);

    private double kl(double beta) {
        return world.evaluate(world.optimum(beta)).kl();
    }

    @Test
    void the_beta_of_the_divergence_of_an_optimum_is_its_beta() {
        for (double beta : new double[] {0.05, 0.7, 40}) {
            assertThat(KlConstraint.beta(this::kl, kl(beta)) / beta).isEqualTo(1, within(1e-9));
        }
    }

    @Test
    void no_divergence_is_that_of_an_infinite_beta() {
        assertThat(KlConstraint.beta(this::kl, 0)).isInfinite();
    }

    @Test
    void a_divergence_that_no_optimum_has_is_refused_with_the_limit() {
        assertThatThrownBy(() -> KlConstraint.beta(this::kl, 50))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("kl must be at least 0 and less than that of the optimum at β → 0 (")
                .hasMessageEndingWith("got 50.0");
        assertThatThrownBy(() -> KlConstraint.beta(this::kl, -1)).isInstanceOf(InvalidInputException.class);
    }
}
