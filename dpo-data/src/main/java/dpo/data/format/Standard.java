package dpo.data.format;

import dpo.core.setting.Setting;
import dpo.data.example.BadRowException;
import dpo.data.source.Format;
import dpo.data.source.OnBadRow;
import dpo.data.source.PreferenceDataset;
import dpo.data.source.PreferenceSource;
import dpo.data.source.Row;
import dpo.data.source.Rows;
import java.nio.file.Path;
import java.util.Optional;

/**
 * TRL's standard preference format: {@code prompt}, {@code chosen} and {@code rejected} are strings that no chat
 * template touches. On tokenisation the end-of-sequence token is appended to both answers unless they end with it.
 *
 * <p>Without {@code prompt} the prompt is implicit and cut as TRL's {@code extract_prompt} cuts it: before the first
 * character (code point) in which the two differ, and one further back where a space stands there. That may be within a
 * word, and such a cut shows among the boundary disagreements of the tokenisation. Where TRL's result is an accident
 * the row is bad: one text the beginning of the other (TRL moves the last shared character into the answers), or no
 * shared beginning (TRL's prompt is then empty, or nearly all of chosen where that ends with a space). The first
 * usable row decides whether the file has prompts, and a row that disagrees is bad. So is a row whose chosen begins with
 * an explicit prompt once more.
 *
 * @param path JSON Lines, plain or gzip
 * @param skip usable rows left out before the first one taken
 * @param limit usable rows taken at most
 * @param onBadRow what happens at a row that cannot be an example
 * @param chosenRatingField column of the rating of chosen, as {@code score_chosen}; given with that of rejected. A row
 *     in which chosen is rated below rejected is bad.
 * @param rejectedRatingField column of the rating of rejected
 */
@Format("standard")
public record Standard(
        @Setting(about = "JSON Lines of prompt, chosen and rejected as strings, plain or .gz") Path path,
        @Setting(about = "usable rows left out before the first one taken, at least 0", byDefault = "0") int skip,
        @Setting(about = "usable rows taken at most, at least 1; all where absent") Optional<Integer> limit,
        @Setting(about = "fail | skip: stop at a row that cannot be an example, or leave it out and count it",
                byDefault = "fail") OnBadRow onBadRow,
        @Setting(about = "column of the rating of chosen; no ratings where absent") Optional<String> chosenRatingField,
        @Setting(about = "column of the rating of rejected; given with that of chosen")
                Optional<String> rejectedRatingField)
        implements PreferenceSource {

    public Standard {
        new Rows(path, skip, limit, onBadRow);
        new RatedPairs(chosenRatingField, rejectedRatingField);
    }

    /** Without ratings. */
    public Standard(Path path, int skip, Optional<Integer> limit, OnBadRow onBadRow) {
        this(path, skip, limit, onBadRow, Optional.empty(), Optional.empty());
    }

    @Override
    public PreferenceDataset read() {
        return PreferenceDataset.of(this, new RatedPairs(chosenRatingField, rejectedRatingField).read(
                new Rows(path, skip, limit, onBadRow), Standard::hasPrompt, PromptedPair::strings,
                PromptedPair::ofStrings));
    }

    private static boolean hasPrompt(Row row) {
        if (row.isMessages("chosen")) {
            throw new BadRowException("wrong_type",
                    "chosen must be a string, got a list of messages; messages are read by format conversational");
        }
        return row.has("prompt");
    }
}
