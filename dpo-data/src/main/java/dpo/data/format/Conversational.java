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
 * TRL's conversational preference format: {@code prompt}, {@code chosen} and {@code rejected} are lists of messages
 * with {@code role} and {@code content}.
 *
 * <p>Chosen and rejected may have several messages. Those of the assistant are scored, those of user and tools are not
 * (TRL scores everything after the prompt). Without {@code prompt}, or where it is a string, the prompt is implicit:
 * the messages with which both begin, like in TRL's {@code maybe_extract_prompt}; such a string must repeat one of
 * them. Where one conversation is a prefix of the other, TRL moves the last shared message into the completions; here
 * the row is bad. The first usable row decides whether the rows of the file have prompts, and a row that differs is
 * bad. A row whose completions repeat an explicit prompt, or its last messages, at their beginning is bad, too.
 *
 * @param path JSON Lines, plain or gzip
 * @param skip usable rows before the first selected one
 * @param limit maximum number of usable rows
 * @param onBadRow the policy on a row that cannot be an example
 * @param chosenRatingField column of the rating of chosen, such as {@code score_chosen}; requires that of rejected. A
 *     row whose chosen is rated below rejected is bad.
 * @param rejectedRatingField column of the rating of rejected
 */
@Format("conversational")
public record Conversational(
        @Setting(about = "JSON Lines of prompt, chosen and rejected as lists of messages, plain or .gz")
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

    public Conversational {
        new Rows(path, skip, limit, onBadRow);
        new RatedPairs(chosenRatingField, rejectedRatingField);
    }

    /** Without ratings. */
    public Conversational(Path path, int skip, Optional<Integer> limit, OnBadRow onBadRow) {
        this(path, skip, limit, onBadRow, Optional.empty(), Optional.empty());
    }

    @Override
    public Dataset<PreferenceExample> read() {
        return Dataset.of(
                this,
                new RatedPairs(chosenRatingField, rejectedRatingField)
                        .read(
                                new Rows(path, skip, limit, onBadRow),
                                Conversational::hasPrompt,
                                PromptedPair::conversations,
                                PromptedPair::ofMessages));
    }

    private static boolean hasPrompt(Row row) {
        if (row.isText("chosen")) {
            throw new BadRowException(
                    "wrong_type",
                    "chosen must be a list of messages, got a string; strings are read by format standard");
        }
        return row.has("prompt") && !row.isText("prompt");
    }
}
