package dpo.train;

import dpo.core.sequence.Preference;
import dpo.core.setting.Requirement;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Held-out preferences, and the name under which their metrics are recorded.
 *
 * @param name letters, digits, '_' and '-', and not the beginning of a metric's name; empty for a set without a name
 * @param preferences of the set
 */
public record EvaluationSet(String name, List<Preference> preferences) {

    /** Prefix of the names of all metrics of evaluation sets. */
    public static final String METRICS = "eval/";

    /** The first parts of the names of metrics, which would be mistaken for sets and sets for them. */
    private static final Set<String> TAKEN = Set.of(
            "loss",
            "rewards",
            "logps",
            "chosen_log_prob_fell",
            "forward_kl_per_token",
            "alignment",
            "tokens",
            "groups",
            "turns",
            "custom");

    private static final int LONGEST_NAME = 60;

    public EvaluationSet {
        if (!name.isEmpty()) {
            requireName(name, name);
        }
        preferences = List.copyOf(preferences);
    }

    /** One set without a name; none if there are no preferences. */
    public static List<EvaluationSet> unnamed(List<Preference> preferences) {
        return preferences.isEmpty() ? List.of() : List.of(new EvaluationSet("", preferences));
    }

    /**
     * Requires a name that a set can have.
     *
     * @param key the setting that gives it, for messages
     * @throws dpo.core.setting.SettingException if it is none
     */
    public static void requireName(String key, String name) {
        Requirement.holds(
                name.length() <= LONGEST_NAME && name.matches("[A-Za-z0-9_-]+"),
                key,
                "must be a name of letters, digits, '_' and '-', at most " + LONGEST_NAME,
                name);
        Requirement.holds(
                !TAKEN.contains(name.toLowerCase(Locale.ROOT)),
                key,
                "must not be a name of metrics (" + taken() + ")",
                name);
    }

    private static String taken() {
        return String.join(", ", TAKEN.stream().sorted().toList());
    }

    /** The prefix of the names of this set's metrics: {@code eval/} or {@code eval/NAME/}. */
    public String prefix() {
        return prefix(name);
    }

    /** The prefix of the metrics of a set with a name, or without one. */
    public static String prefix(String name) {
        return name.isEmpty() ? METRICS : METRICS + name + "/";
    }
}
