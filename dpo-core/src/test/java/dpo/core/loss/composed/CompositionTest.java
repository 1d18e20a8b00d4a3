package dpo.core.loss.composed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceExamples;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.logprob.TokenStatistic;
import dpo.core.loss.Divergence;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PairEvaluation;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Reduction;
import dpo.core.loss.Rows;
import dpo.core.loss.batch.AotLoss;
import dpo.core.loss.batch.BcoLoss;
import dpo.core.loss.batch.KtoLoss;
import dpo.core.loss.pairwise.HingeLoss;
import dpo.core.loss.pairwise.IpoLoss;
import dpo.core.loss.pairwise.OdpoLoss;
import dpo.core.loss.pairwise.RpoLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.loss.referencefree.SftLoss;
import dpo.core.sequence.Label;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Properties that compositions inherit from inner objectives, and values of compositions. */
class CompositionTest {

    private static final KtoLoss KTO = new KtoLoss(0.3, 1, 1);
    private static final GroupWeights EQUAL = new GroupWeights.Equal();

    @Test
    void compositions_inherit_needs_restrictions_and_rewards() {
        List<PreferenceLoss> compositions = List.of(
                new GroupWeighted(KTO, EQUAL),
                new TurnWeighted(KTO, new TurnWeights.Last()),
                new LengthDesensitized(KTO, 0.5),
                new WpoWeighted(KTO),
                new WeightedSum(List.of(
                        new WeightedSum.Term("sft", 1, new SftLoss(SftLoss.Average.SUM)),
                        new WeightedSum.Term("kto", 1, KTO))));
        PreferenceLogProbs pairs = Rows.pairs(1, -2, 0.5, 3);
        for (PreferenceLoss loss : compositions) {
            assertThat(loss.needs()).as(loss.toString()).contains(Need.WHOLE_STEP, Need.MISMATCHED);
            assertThatThrownBy(() -> loss.requireUsable(Label.ordered(3))).isInstanceOf(IllegalArgumentException.class);
            loss.requireUsable(Label.ordered(2));
            assertThat(loss.rewards(pairs)).isEqualTo(KTO.rewards(pairs));
        }
        assertThat(new LengthDesensitized(KTO, 0.5).needs()).contains(Need.SINGLE_TOKENS);
        assertThat(new WpoWeighted(KTO).needs()).contains(Need.LOG_SUM_SQUARED_PROBS);
        assertThat(new GroupWeighted(new HingeLoss(1), EQUAL).needs()).isEmpty();
    }

    @Test
    void robust_compositions_and_other_divergences_inherit_the_rest() {
        GroupRobust robust = new GroupRobust(new SigmoidLoss(0.3, 0), 1);
        assertThat(robust.needs()).isEqualTo(Set.of(Need.WHOLE_STEP));
        assertThat(robust.beta()).isEqualTo(0.3);
        assertThatThrownBy(() -> robust.requireUsable(Label.ordered(3))).hasMessageContaining("two, chosen and");
        FDivergenceLoss js = new FDivergenceLoss(new SigmoidLoss(0.3, 0), new Divergence.JensenShannon());
        assertThat(js.beta()).isEqualTo(0.3);
    }

    @Test
    void compositions_that_are_not_defined_are_refused() {
        AotLoss aot = new AotLoss(0.1, 0);
        assertThatThrownBy(() -> new GroupWeighted(aot, EQUAL)).hasMessageContaining("groups must be absent");
        assertThatThrownBy(() -> new WpoWeighted(aot)).hasMessageContaining("weighting must be none");
        assertThatThrownBy(() -> new GroupRobust(KTO, 1)).hasMessageContaining("groups must be absent");
        assertThatThrownBy(() -> new GroupRobust(new HingeLoss(1), 0)).hasMessageContaining("step_size");
        for (double alpha : new double[] {-0.1, 1.1, Double.NaN}) {
            assertThatThrownBy(() -> new LengthDesensitized(KTO, alpha))
                    .hasMessage("ld_alpha must be in [0.0, 1.0], got " + alpha);
        }
        assertThat(new LengthDesensitized(KTO, 1).alpha() + new LengthDesensitized(KTO, 0).alpha())
                .isEqualTo(1);
    }

    @Test
    void the_product_of_the_weights_of_a_pair_is_clamped_at_one_and_not_each_of_them() {
        // Weights e² and e^−1 of the first pair, whose product is e; e^0.5 and e^−1 of the second.
        PreferenceLogProbs pairs =
                Rows.ofLogRatios(List.of(Label.ordered(2).withWeight(3), Label.ordered(2)), 0, 0, 0, 0);
        double[] squares = {-3, 0, -1.5, 0};
        TokenLogProbs normaliser = TokenLogProbs.of(pairs.policy().shape(), squares);
        PreferenceLogProbs step = new PreferenceLogProbs(
                pairs.policy(),
                pairs.reference(),
                pairs.labels(),
                Map.of(TokenStatistic.LOG_SUM_SQUARED_PROBS, normaliser),
                List.of());
        assertThat(new WpoWeighted(new HingeLoss(1)).weights(step))
                .containsExactly(new double[] {3, Math.exp(-0.5)}, within(1e-15));
        assertThat(new WpoWeighted(new HingeLoss(1), false).weights(step))
                .containsExactly(new double[] {3 * Math.E, Math.exp(-0.5)}, within(1e-14));
    }

    @Test
    void names_of_terms_and_of_carried_numbers_are_in_alphabetical_order() {
        Map<String, Double> names = Map.of("d", 1.0, "b", 2.0, "c", 3.0, "a", 4.0);
        LossEvaluation evaluation =
                new LossEvaluation(0, TokenGradient.zero(TokenShape.ofTurns()), Map.of(), names, names);
        assertThat(evaluation.terms().keySet()).containsExactly("a", "b", "c", "d");
        assertThat(evaluation.carried().keySet()).containsExactly("a", "b", "c", "d");
        assertThat(new Normalizer(1, 1, 1, names, names).carried().keySet()).containsExactly("a", "b", "c", "d");
    }

    @Test
    void a_weight_may_be_zero_but_not_infinite() {
        assertThat(new TurnWeights.Own(List.of(0.0)).weight(0, 1)).isZero();
        assertThat(new TurnWeights.Discounted(1).weight(0, 3)).isEqualTo(1);
        assertThat(new GroupWeights.Own(Map.of("a", 0.0))
                        .weight("a", new Normalizer(1, 1, 1, Map.of("a", 1.0), Map.of())))
                .isZero();
        double infinite = Double.POSITIVE_INFINITY;
        assertThatThrownBy(() -> new TurnWeights.Own(List.of(infinite))).hasMessageContaining("finite");
        assertThatThrownBy(() -> new GroupWeights.Own(Map.of("a", infinite))).hasMessageContaining("finite");
    }

    /** Scores of single tokens: chosen 1, 2, 3, 4; rejected 5, 6. */
    private static PreferenceLogProbs unequal() {
        return PreferenceExamples.ofPairs(
                TokenLogProbs.ofRows(new double[] {-4, -3, -2, -1}), TokenLogProbs.ofRows(new double[] {-3, -2}),
                TokenLogProbs.ofRows(new double[] {-5, -5, -5, -5}), TokenLogProbs.ofRows(new double[] {-8, -8}));
    }

    @Test
    void ld_dpo_weights_the_excess_tokens_of_the_longer_completion_by_alpha() {
        LengthDesensitized loss = new LengthDesensitized(new IpoLoss(0.5, Reduction.SUM), 0.25);
        // Chosen: 1 + 2 + (3 + 4)/4 = 4.75; rejected: 5 + 6 = 11; (−6.25 − 1)².
        PairEvaluation evaluation = PairEvaluation.of(loss, unequal());
        assertThat(evaluation.value()).isCloseTo(7.25 * 7.25, within(1e-12));
        assertThat(evaluation.chosen()).containsExactly(-14.5, -14.5, -3.625, -3.625);
        assertThat(evaluation.rejected()).containsExactly(14.5, 14.5);
        assertThat(loss.weighted(unequal()).policy().toArray()).containsExactly(-4, -3, -0.5, -0.25, -3, -2);
        assertThat(loss.weighted(unequal()).reference().toArray()).containsExactly(-5, -5, -1.25, -1.25, -8, -8);
    }

    @Test
    void token_statistics_follow_the_turns_that_count() {
        PreferenceLogProbs pairs = PreferenceExamples.random(4, 3);
        WpoWeighted wpo = new WpoWeighted(new IpoLoss(0.5, Reduction.SUM));
        LossEvaluation ofLast = new TurnWeighted(wpo, new TurnWeights.Last()).evaluate(pairs, Normalizer.of(pairs));
        PreferenceLogProbs cut = new PreferenceLogProbs(
                lastTurns(pairs.policy()),
                lastTurns(pairs.reference()),
                pairs.labels(),
                Map.of(
                        TokenStatistic.LOG_SUM_SQUARED_PROBS,
                        lastTurns(pairs.statistics().get(TokenStatistic.LOG_SUM_SQUARED_PROBS))),
                List.of());
        double expected = wpo.evaluate(cut, Normalizer.of(cut)).value();
        assertThat(ofLast.value()).isCloseTo(expected, within(1e-12 * Math.abs(expected)));
    }

    private static TokenLogProbs lastTurns(TokenLogProbs all) {
        TokenShape shape = all.shape();
        double[][] rows = new double[shape.rows()][];
        for (int row = 0; row < rows.length; row++) {
            int last = shape.turns(row) - 1;
            int from = shape.turnStart(row, last) - shape.start(row);
            rows[row] = Arrays.copyOfRange(all.row(row), from, shape.tokens(row));
        }
        return TokenLogProbs.ofRows(rows);
    }

    @Test
    void a_sum_carries_the_numbers_of_its_terms_under_their_names() {
        PreferenceLogProbs step = Rows.pairs(1, -2, 0.5, 0.25);
        BcoLoss bco = new BcoLoss(0.5);
        WeightedSum inner = new WeightedSum(List.of(new WeightedSum.Term("bco", 2, bco)));
        WeightedSum sum = new WeightedSum(List.of(
                new WeightedSum.Term("sigmoid", 1, new SigmoidLoss(0.5, 0)), new WeightedSum.Term("in", 1, inner)));
        LossEvaluation first = sum.evaluate(step, Normalizer.of(step));
        LossEvaluation direct = bco.evaluate(step, Normalizer.of(step));
        assertThat(first.terms()).containsOnlyKeys("sigmoid", "in", "in/bco").containsEntry("in/bco", direct.value());
        direct.carried().forEach((name, number) -> assertThat(first.carried()).containsEntry("in/bco/" + name, number));
        PreferenceLogProbs next = Rows.pairs(3, 1, 2, 2);
        assertThat(sum.evaluate(next, Normalizer.of(next).carrying(first.carried()))
                        .terms()
                        .get("in/bco"))
                .isEqualTo(bco.evaluate(next, Normalizer.of(next).carrying(direct.carried()))
                        .value())
                .isNotEqualTo(bco.evaluate(next, Normalizer.of(next)).value());
    }

    @Test
    void pairwise_objectives_refuse_lists_and_receive_rating_gaps() {
        PreferenceLogProbs list = Rows.list(List.of(), 1, 2, 3);
        assertThatThrownBy(() -> new SigmoidLoss(0.1, 0).evaluate(list, Normalizer.of(list)))
                .hasMessage("completions must be two, chosen and rejected, got 3");
        PreferenceLogProbs rated = Rows.ofLogRatios(List.of(new Label(2, List.of(3.0, 1.0), "all", 1)), 2, 1);
        // (0.5 · 1 − 1 · 2)².
        assertThat(PairEvaluation.of(new RpoLoss(RpoLoss.Distance.SQ, 0.5, 1), rated)
                        .value())
                .isCloseTo(2.25, within(1e-15));
    }

    @Test
    void objectives_of_ratings_refuse_data_without_them() {
        RpoLoss rpo = new RpoLoss(RpoLoss.Distance.SQ, 0.5, 1);
        OdpoLoss odpo = new OdpoLoss(0.1, 1, OdpoLoss.Scale.LOG);
        for (PreferenceLoss loss : List.of(rpo, odpo)) {
            assertThatThrownBy(() -> loss.requireUsable(Label.ordered(2)))
                    .hasMessageContaining("a rating of both completions for " + PreferenceLoss.typeOf(loss.getClass()));
        }
        Label tied = new Label(2, List.of(1.0, 1.0), "all", 1);
        rpo.requireUsable(tied);
        assertThatThrownBy(() -> odpo.requireUsable(tied)).hasMessageContaining("must be positive and finite, got 0.0");
    }

    @Test
    void the_normalizer_of_a_step_counts_the_tokens_of_chosen_completions() {
        TokenSequence two = TokenSequence.of(new int[] {1}, new int[] {2, 3});
        TokenSequence one = TokenSequence.of(new int[] {1}, new int[] {2});
        List<Preference> step = List.of(
                Preference.pair("a", two, one),
                new Preference("b", List.of(one), Label.desirable(true)),
                new Preference("c", List.of(two), Label.desirable(false)),
                new Preference("d", List.of(two, one, one), Label.ordered(3)));
        Normalizer normalizer = Normalizer.of(step, Map.of("all", 1.0));
        assertThat(normalizer).isEqualTo(new Normalizer(4, 7, 5, Map.of("all", 1.0), Map.of()));
        assertThat(Normalizer.of(new PreferenceLogProbs(
                        TokenLogProbs.ofRows(new double[] {-1, -1}),
                        TokenLogProbs.ofRows(new double[] {-1, -1}),
                        Labels.of(List.of(Label.desirable(false))))))
                .isEqualTo(new Normalizer(1, 1, 0, Map.of("all", 1.0), Map.of()));
    }
}
