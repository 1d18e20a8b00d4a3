package dpo.data.format;

import dpo.core.setting.SettingException;
import dpo.data.example.BadRowException;
import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.source.Row;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where the rows of a pair format have the ratings of their completions.
 *
 * @param chosenField column of the rating of chosen; there are no ratings where it is absent
 * @param rejectedField column of that of rejected
 */
record PairRatings(Optional<String> chosenField, Optional<String> rejectedField) {

    PairRatings {
        if (chosenField.isPresent() != rejectedField.isPresent()) {
            throw new SettingException("chosen_rating_field", "must be given with rejected_rating_field",
                    chosenField.or(() -> rejectedField).get() + " alone", "rejected_rating_field");
        }
    }

    /** The pair of a row with its ratings; equal ones are ratings too. */
    PreferenceExample pair(Row row, Text prompt, Text chosen, Text rejected) {
        return PreferenceExample.of(row.id(), prompt, List.of(chosen, rejected), of(row));
    }

    /**
     * The pair of a row without a prompt of its own. Where none can be found, the first thing to know is whether it
     * stands in a column that is not read.
     */
    PreferenceExample pair(Row row, Function<Row, SharedPrompt> split) {
        try {
            SharedPrompt shared = split.apply(row);
            return pair(row, shared.prompt(), shared.chosen(), shared.rejected());
        } catch (BadRowException e) {
            row.requirePromptRead(List.of());
            throw e;
        }
    }

    private List<Double> of(Row row) {
        if (chosenField.isEmpty() || rejectedField.isEmpty()) {
            return List.of();
        }
        double chosen = row.real(chosenField.get());
        double rejected = row.real(rejectedField.get());
        if (chosen < rejected) {
            throw new BadRowException("ratings_disagree", chosenField.get() + " must be at least "
                    + rejectedField.get() + ", got " + chosen + " and " + rejected);
        }
        return List.of(chosen, rejected);
    }
}
