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
 * TRL's conversational preference format: {@code prompt}, {@code chosen} and {@code rejected} are lists of messages
 * with {@code role} and {@code content}.
 *
 * <p>Chosen and rejected may have several messages. Those of the assistant are scored, those of user and tools are not
 * (TRL scores everything after the prompt). Without {@code prompt}, or if it is a string, the prompt is implicit: the
 * messages with which both begin, as in TRL's {@code maybe_extract_prompt}; such a string must repeat one of them.
 * Where one conversation is a prefix of the other, TRL moves the last shared message into the completions; here the row
 * is bad. The first usable row decides whether the rows of the file have prompts, and a row that differs is bad. A row
 * whose completions repeat an explicit prompt, or its last messages, at their beginning is bad, too.
 *
 * @param rows the selected rows
 * @param ratings the columns of ratings
 */
@Format("conversational")
public record Conversational(@Inlined Rows rows, @Inlined RatingColumns ratings) implements PreferenceSource {

    /** Without ratings. */
    public Conversational(Rows rows) {
        this(rows, RatingColumns.none());
    }

    @Override
    public Dataset<PreferenceExample> read() {
        return Dataset.of(
                this,
                ratings.read(rows, Conversational::hasPrompt, PromptedPair::conversations, PromptedPair::ofMessages));
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
