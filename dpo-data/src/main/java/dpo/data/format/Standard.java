package dpo.data.format;

import dpo.core.setting.Setting;
import dpo.data.example.BadRowException;
import dpo.data.example.PreferenceExample;
import dpo.data.row.Row;
import dpo.data.row.Rows;
import dpo.data.source.Dataset;
import dpo.data.source.Format;
import dpo.data.source.OnBadRow;
import dpo.data.source.PreferenceSource;
import java.nio.file.Path;
import java.util.Optional;

/**
 * TRL's standard preference format: {@code prompt}, {@code chosen} and {@code rejected} are strings that no chat
 * template changes. At tokenization the end-of-sequence token is appended to both completions unless they end with it.
 *
 * <p>Without {@code prompt} the prompt is implicit, like in TRL's {@code extract_prompt}: it ends before the first
 * character (code point) that differs, or before a space that precedes it. That may be within a word; the tokenization
 * report counts such a boundary as doubtful. Where TRL's result is an accident the row is bad: one text is a prefix of
 * the other (TRL moves the last shared character into the completions), or there is no shared prefix (TRL's prompt is
 * then empty, or nearly all of chosen where that ends with a space). The first usable row decides whether the rows of
 * the file have prompts, and a row that differs is bad. A row whose chosen repeats an explicit prompt at its beginning
 * is bad, too.
 *
 * @param path JSON Lines, plain or gzip
 * @param skip usable rows before the first selected one
 * @param limit maximum number of usable rows
 * @param onBadRow the policy on a row that cannot be an example
 * @param chosenRatingField column of the rating of chosen, such as {@code score_chosen}; requires that of rejected. A
 *     row whose chosen is rated below rejected is bad.
 * @param rejectedRatingField column of the rating of rejected
 */
@Format("standard")
public record Standard(
        @Setting(about = "JSON Lines of prompt, chosen and rejected as strings, plain or .gz")
        Path path,

        @Setting(about = Rows.SKIP, byDefault = "0") int skip,
        @Setting(about = Rows.LIMIT) Optional<Integer> limit,

        @Setting(about = Rows.ON_BAD_ROW, byDefault = "fail")
        OnBadRow onBadRow,

        @Setting(about = "column of the rating of chosen; no ratings if absent")
        Optional<String> chosenRatingField,

        @Setting(about = "column of the rating of rejected; required with that of chosen")
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
    public Dataset<PreferenceExample> read() {
        return Dataset.of(
                this,
                new RatedPairs(chosenRatingField, rejectedRatingField)
                        .read(
                                new Rows(path, skip, limit, onBadRow),
                                Standard::hasPrompt,
                                PromptedPair::strings,
                                PromptedPair::ofStrings));
    }

    private static boolean hasPrompt(Row row) {
        if (row.isMessages("chosen")) {
            throw new BadRowException(
                    "wrong_type",
                    "chosen must be a string, got a list of messages; messages are read by format conversational");
        }
        return row.has("prompt");
    }
}
