package dpo.harness.config;

import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.composed.WeightedSum;
import dpo.core.setting.SettingException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The preference terms of an objective.
 *
 * @param terms weighted objectives, at least one
 */
public record PreferenceTerms(List<Term> terms) {

    /**
     * One weighted objective.
     *
     * @param weight finite factor
     * @param loss the objective
     */
    public record Term(double weight, PreferenceLoss loss) {}

    public PreferenceTerms {
        terms = List.copyOf(terms);
        if (terms.isEmpty()) {
            throw new SettingException("preference", "must hold at least one objective", "none");
        }
    }

    /**
     * The objective: the single term if its weight is 1, else the weighted sum, whose terms are named by their type.
     *
     * @param modifier wraps each term's objective
     */
    public PreferenceLoss loss(UnaryOperator<PreferenceLoss> modifier) {
        if (terms.size() == 1 && terms.get(0).weight() == 1) {
            return modifier.apply(terms.get(0).loss());
        }
        List<WeightedSum.Term> named = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Term term : terms) {
            String type = PreferenceLoss.typeOf(term.loss().getClass());
            String name = type;
            for (int n = 2; !names.add(name); n++) {
                name = type + "_" + n;
            }
            named.add(new WeightedSum.Term(name, term.weight(), modifier.apply(term.loss())));
        }
        return new WeightedSum(named);
    }
}
