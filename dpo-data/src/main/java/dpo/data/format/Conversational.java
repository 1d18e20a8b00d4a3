package dpo.data.format;

import dpo.core.setting.Setting;
import dpo.data.example.Message;
import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.source.Format;
import dpo.data.source.OnBadRow;
import dpo.data.source.PreferenceDataset;
import dpo.data.source.PreferenceSource;
import dpo.data.source.Row;
import dpo.data.source.Rows;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * TRL's conversational preference format: {@code prompt}, {@code chosen} and {@code rejected} are lists of messages
 * with {@code role} and {@code content}.
 *
 * <p>Chosen and rejected may hold several messages; the assistant's are scored, those of user and tools in between are
 * not (TRL scores everything after the prompt). Without {@code prompt} the prompt is implicit: the messages that both
 * begin with, as TRL's {@code extract_prompt} has it. Where one conversation is the beginning of the other, TRL moves
 * the last shared message into the answers; here the row is bad. The first row decides whether the file has prompts,
 * and a row that disagrees is bad. Other columns are left aside, except those that would change the rendering ({@code
 * tools}, {@code chat_template_kwargs}, images): they are refused.
 *
 * @param path JSON Lines, plain or gzip
 * @param skip usable rows left out before the first one taken
 * @param limit usable rows taken at most
 * @param onBadRow what happens at a row that cannot be an example
 * @param chosenRatingField column of the rating of chosen, as {@code score_chosen}; given with that of rejected. A row
 *     in which chosen is rated below rejected is bad.
 * @param rejectedRatingField column of the rating of rejected
 */
@Format("conversational")
public record Conversational(
        @Setting(about = "JSON Lines of prompt, chosen and rejected as lists of messages, plain or .gz") Path path,
        @Setting(about = "usable rows left out before the first one taken, at least 0", byDefault = "0") int skip,
        @Setting(about = "usable rows taken at most, at least 1; all where absent") Optional<Integer> limit,
        @Setting(about = "fail | skip: stop at a row that cannot be an example, or leave it out and count it",
                byDefault = "fail") OnBadRow onBadRow,
        @Setting(about = "column of the rating of chosen; no ratings where absent") Optional<String> chosenRatingField,
        @Setting(about = "column of the rating of rejected; given with that of chosen")
                Optional<String> rejectedRatingField)
        implements PreferenceSource {

    public Conversational {
        new Rows(path, skip, limit, onBadRow);
        new PairRatings(chosenRatingField, rejectedRatingField);
    }

    /** Without ratings. */
    public Conversational(Path path, int skip, Optional<Integer> limit, OnBadRow onBadRow) {
        this(path, skip, limit, onBadRow, Optional.empty(), Optional.empty());
    }

    @Override
    public PreferenceDataset read() {
        PromptShape shape = new PromptShape();
        PairRatings ratings = new PairRatings(chosenRatingField, rejectedRatingField);
        return PreferenceDataset.of(this, new Rows(path, skip, limit, onBadRow)
                .readLines((row, entries) -> entries.example(() -> decode(row, shape, ratings))));
    }

    private static PreferenceExample decode(Row row, PromptShape shape, PairRatings ratings) {
        row.refuse(PromptShape.RENDERING_FIELDS);
        if (shape.isExplicit(row)) {
            return ratings.pair(
                    row, row.conversation("prompt"), row.conversation("chosen"), row.conversation("rejected"));
        }
        List<Message> chosen = row.messages("chosen");
        List<Message> rejected = row.messages("rejected");
        int shared = 0;
        while (shared < chosen.size() && shared < rejected.size() && chosen.get(shared).equals(rejected.get(shared))) {
            shared++;
        }
        if (shared == Math.min(chosen.size(), rejected.size())) {
            throw PromptShape.noBoundary(chosen.equals(rejected));
        }
        return ratings.pair(row, new Text.Conversation(chosen.subList(0, shared)),
                new Text.Conversation(chosen.subList(shared, chosen.size())),
                new Text.Conversation(rejected.subList(shared, rejected.size())));
    }
}
