package dpo.lab.labels;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The link table measures objectives, not formulas: an objective with an error has another minimum. */
class LinkMutationTest {

    private static final double BETA = 0.5;
    private static final double EPSILON = 0.1;
    private static final TwoAnswers ANSWERS = new TwoAnswers(3, 0.7);

    /** An objective that sees changed log-probabilities, times a factor. */
    private record Mutant(PreferenceLoss loss, UnaryOperator<PreferenceLogProbs> seen, double factor)
            implements PreferenceLoss {

        @Override
        public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
            LossEvaluation evaluation = loss.evaluate(seen.apply(logProbs), normalizer);
            return new LossEvaluation(
                    factor * evaluation.value(), evaluation.gradient().times(factor));
        }

        @Override
        public double beta() {
            return loss.beta();
        }
    }

    static List<Link> links() {
        return Links.all(BETA, EPSILON);
    }

    static Stream<Link> withReference() {
        return links().stream().filter(link -> link.loss().usesReference());
    }

    /** Each link with an objective of β = 1; without SLiC-HF, which has none. */
    static Stream<Link> withoutBeta() {
        List<Link> ofOne = Links.all(1, EPSILON);
        return IntStream.range(0, ofOne.size())
                .mapToObj(i -> with(links().get(i), ofOne.get(i).loss()))
                .filter(link -> !link.name().equals("slic_hf"));
    }

    private static Link with(Link link, PreferenceLoss loss) {
        return new Link(link.name(), link.formula(), loss, link.score(), link.minimiser());
    }

    private static double distance(Link link) {
        double measured = link.measured(ANSWERS, BETA).orElse(Double.POSITIVE_INFINITY);
        return Math.abs(measured - link.expected(ANSWERS.probability()));
    }

    @ParameterizedTest
    @MethodSource("links")
    void an_objective_as_it_is_has_the_predicted_minimum(Link link) {
        assertThat(distance(with(link, new Mutant(link.loss(), UnaryOperator.identity(), 1))))
                .isLessThan(1e-8);
    }

    @ParameterizedTest
    @MethodSource("links")
    void a_wrong_sign_is_noticed(Link link) {
        assertThat(distance(with(link, new Mutant(link.loss(), UnaryOperator.identity(), -1))))
                .isGreaterThan(0.01);
    }

    @ParameterizedTest
    @MethodSource("withoutBeta")
    void a_missing_beta_is_noticed(Link link) {
        assertThat(distance(link)).isGreaterThan(0.01);
    }

    @ParameterizedTest
    @MethodSource("withReference")
    void a_missing_reference_is_noticed(Link link) {
        UnaryOperator<PreferenceLogProbs> without = logProbs -> new PreferenceLogProbs(
                logProbs.policy(), TokenLogProbs.filled(logProbs.policy().shape(), values -> {}), logProbs.labels());
        assertThat(distance(with(link, new Mutant(link.loss(), without, 1)))).isGreaterThan(0.01);
    }
}
