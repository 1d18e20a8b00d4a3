package dpo.data.format;

import dpo.core.setting.SettingException;
import dpo.data.example.BadRowException;
import dpo.data.example.PreferenceExample;
import dpo.data.row.Row;
import dpo.data.row.Rows;
import dpo.data.source.Selection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The pairs of a file with their ratings.
 *
 * @param chosenField column of the rating of chosen; without it there are no ratings
 * @param rejectedField column of the rating of rejected
 */
record RatedPairs(Optional<String> chosenField, Optional<String> rejectedField) {

    RatedPairs {
        if (chosenField.isPresent() != rejectedField.isPresent()) {
            throw new SettingException(
                    "chosen_rating_field",
                    "must be given with rejected_rating_field",
                    chosenField.or(() -> rejectedField).get() + " alone",
                    "rejected_rating_field");
        }
    }

    /**
     * Reads pairs of which either all have a prompt of their own or none.
     *
     * @param hasPrompt whether a row has one
     * @param explicit the pair of a row with a prompt
     * @param shared the pair of a row without one
     */
    Selection<PreferenceExample> read(
            Rows rows,
            Predicate<Row> hasPrompt,
            Function<Row, PromptedPair> explicit,
            Function<Row, PromptedPair> shared) {
        PromptShape shape = new PromptShape();
        return rows.examples(row -> {
            boolean prompted = hasPrompt.test(row);
            shape.require(prompted);
            PreferenceExample example = prompted ? example(row, explicit) : sharedPrompt(row, shared);
            shape.decide(prompted);
            return example;
        });
    }

    private PreferenceExample example(Row row, Function<Row, PromptedPair> format) {
        PromptedPair pair = format.apply(row);
        return PreferenceExample.of(row.id(), pair.prompt(), List.of(pair.chosen(), pair.rejected()), ratings(row));
    }

    /** Where there is no shared prompt, the first explanation is a prompt in a column that is not read. */
    private PreferenceExample sharedPrompt(Row row, Function<Row, PromptedPair> shared) {
        try {
            return example(row, shared);
        } catch (BadRowException e) {
            row.requirePromptRead(List.of());
            throw e;
        }
    }

    private List<Double> ratings(Row row) {
        if (chosenField.isEmpty() || rejectedField.isEmpty()) {
            return List.of();
        }
        double chosen = row.real(chosenField.get());
        double rejected = row.real(rejectedField.get());
        if (chosen < rejected) {
            throw new BadRowException(
                    "ratings_disagree",
                    chosenField.get() + " must be at least " + rejectedField.get() + ", got " + chosen + " and "
                            + rejected);
        }
        return List.of(chosen, rejected);
    }
}
