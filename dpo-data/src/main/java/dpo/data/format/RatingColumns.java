package dpo.data.format;

import dpo.core.setting.Setting;
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
 * The columns of a file of pairs that hold ratings, such as {@code score_chosen}. A row whose chosen is rated below
 * rejected is bad.
 *
 * @param chosenRatingField column of the rating of chosen; without it there are no ratings
 * @param rejectedRatingField column of the rating of rejected, required with that of chosen
 */
public record RatingColumns(
        @Setting(about = "column of the rating of chosen; no ratings if absent")
        Optional<String> chosenRatingField,

        @Setting(about = "column of the rating of rejected; required with that of chosen")
        Optional<String> rejectedRatingField) {

    public RatingColumns {
        if (chosenRatingField.isPresent() != rejectedRatingField.isPresent()) {
            throw new SettingException(
                    "chosen_rating_field",
                    "must be given with rejected_rating_field",
                    chosenRatingField.or(() -> rejectedRatingField).get() + " alone",
                    "rejected_rating_field");
        }
    }

    /** No ratings. */
    public static RatingColumns none() {
        return new RatingColumns(Optional.empty(), Optional.empty());
    }

    /**
     * Reads pairs, all of them with an explicit prompt or all without one.
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
        if (chosenRatingField.isEmpty() || rejectedRatingField.isEmpty()) {
            return List.of();
        }
        double chosen = row.real(chosenRatingField.get());
        double rejected = row.real(rejectedRatingField.get());
        if (chosen < rejected) {
            throw new BadRowException(
                    "ratings_disagree",
                    chosenRatingField.get() + " must be at least " + rejectedRatingField.get() + ", got " + chosen
                            + " and " + rejected);
        }
        return List.of(chosen, rejected);
    }
}
