package dpo.harness.run;

import dpo.core.InvalidInputException;
import dpo.core.loss.Need;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.composed.GroupWeights;
import dpo.core.loss.composed.TurnWeights;
import dpo.core.sequence.Preference;
import dpo.harness.config.EvaluationSources;
import dpo.harness.config.GroupConfig;
import dpo.harness.config.ObjectiveConfig;
import dpo.train.MismatchedPrompts;
import dpo.train.TrainingData;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Requires data that suit an objective; messages name the part of the data, or the weights of the objective. */
public final class UsableData {

    private UsableData() {}

    /** Requires preferences for which an objective and its weights of turns and groups are defined. */
    static void require(ObjectiveConfig objective, TrainingData data) {
        objective.groups().ifPresent(groups -> requireWeights(groups, data));
        if (objective.turns() instanceof TurnWeights.Own own) {
            requireWeights(own, data);
        }
        require(objective.loss(), data);
    }

    /**
     * Requires preferences for which an objective is defined.
     *
     * @throws InvalidInputException if one is not; the message names the part of the data
     */
    public static void require(PreferenceLoss loss, TrainingData data) {
        requireUsable(loss, "train", data.train());
        data.evaluation().forEach(set -> requireUsable(loss, EvaluationSources.part(set.name()), set.preferences()));
    }

    private static void requireUsable(PreferenceLoss loss, String part, List<Preference> preferences) {
        if (loss.needs().contains(Need.MISMATCHED) && !preferences.isEmpty()) {
            requireOtherPrompts(part, preferences);
        }
        for (Preference preference : preferences) {
            try {
                loss.requireUsable(preference.label());
            } catch (IllegalArgumentException e) {
                throw new InvalidInputException(
                        "data." + part + " must suit the objective: " + e.getMessage() + " (" + preference.id() + ")",
                        e);
            }
        }
    }

    private static void requireOtherPrompts(String part, List<Preference> preferences) {
        try {
            MismatchedPrompts.others(preferences);
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException("data." + part + " must suit the objective: " + e.getMessage(), e);
        }
    }

    private static void requireWeights(TurnWeights.Own own, TrainingData data) {
        int turns = data.preferences()
                .flatMap(preference -> preference.completions().stream())
                .mapToInt(sequence -> sequence.turns().size())
                .max()
                .orElse(0);
        if (turns > own.weights().size()) {
            throw new InvalidInputException(
                    "objective.turns.weights must cover every turn of the data (" + turns + "), got " + own.weights());
        }
    }

    private static void requireWeights(GroupConfig groups, TrainingData data) {
        Set<String> trained = new TreeSet<>();
        data.train().forEach(preference -> trained.add(preference.label().group()));
        Set<String> found = new TreeSet<>(trained);
        data.preferences().forEach(preference -> found.add(preference.label().group()));
        if (groups.weights().isEmpty() || !(groups.weights().get() instanceof GroupWeights.Own own)) {
            return;
        }
        Set<String> weighted = own.weights().keySet();
        if (!weighted.containsAll(found) || !trained.containsAll(weighted)) {
            throw new InvalidInputException("objective.groups.weights must name the preference sources of the data "
                    + found + ", got " + weighted);
        }
    }
}
