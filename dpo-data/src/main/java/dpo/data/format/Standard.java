package dpo.data.format;

import dpo.core.setting.Inlined;
import dpo.data.example.BadRowException;
import dpo.data.example.PreferenceExample;
import dpo.data.row.Row;
import dpo.data.row.Rows;
import dpo.data.source.Dataset;
import dpo.data.source.Format;
import dpo.data.source.PreferenceSource;

/**
 * TRL's standard preference format: {@code prompt}, {@code chosen} and {@code rejected} are strings that no chat
 * template changes. At tokenization the end-of-sequence token is appended to both completions unless they end with it.
 *
 * <p>Without {@code prompt} the prompt is implicit, as in TRL's {@code extract_prompt}: it ends before the first
 * character (code point) that differs, or before a space that precedes it. That may be within a word; the tokenization
 * report counts such a boundary as doubtful. Where TRL's result is an accident the row is bad: one text is a prefix of
 * the other (TRL moves the last shared character into the completions), or there is no shared prefix (TRL's prompt is
 * then empty, or nearly all of chosen if that ends with a space). The first usable row decides whether the rows of the
 * file have prompts, and a row that differs is bad. A row whose chosen repeats an explicit prompt at its beginning is
 * bad, too.
 *
 * @param rows the selected rows
 * @param ratings the columns of ratings
 */
@Format("standard")
public record Standard(@Inlined Rows rows, @Inlined RatingColumns ratings) implements PreferenceSource {

    /** Without ratings. */
    public Standard(Rows rows) {
        this(rows, RatingColumns.none());
    }

    @Override
    public Dataset<PreferenceExample> read() {
        return Dataset.of(
                this, ratings.read(rows, Standard::hasPrompt, PromptedPair::strings, PromptedPair::ofStrings));
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
