package dpo.data.format;

import dpo.core.setting.Inlined;
import dpo.data.example.BadRowException;
import dpo.data.example.Message;
import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.row.Entries;
import dpo.data.row.Row;
import dpo.data.row.Rows;
import dpo.data.source.Dataset;
import dpo.data.source.Format;
import dpo.data.source.PreferenceSource;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Anthropic's HH transcripts (arXiv:2204.05862): {@code chosen} and {@code rejected} are whole dialogues with turns
 * headed {@code \n\nHuman: } and {@code \n\nAssistant: }.
 *
 * <p>Transcripts are split at these headers, texts are trimmed, and the roles become {@code user} and {@code
 * assistant}. A row is usable if both transcripts differ in the last assistant turn only; everything before it is the
 * prompt. Other rows are always dropped, and counted as {@code differs_before_last_turn} or {@code
 * last_turn_not_assistant}. Other systems use the prompt of the chosen transcript without comparison with the rejected
 * one.
 *
 * @param rows the selected rows
 */
@Format("hh-rlhf")
public record HhRlhf(@Inlined Rows rows) implements PreferenceSource {

    private static final Pattern HEADER = Pattern.compile("\n\n(Human|Assistant): ");

    @Override
    public Dataset<PreferenceExample> read() {
        return Dataset.of(this, rows.read(HhRlhf::decode));
    }

    private static void decode(Row row, Entries<PreferenceExample> entries) {
        List<Message> chosen = turns("chosen", row.text("chosen"));
        List<Message> rejected = turns("rejected", row.text("rejected"));
        int last = chosen.size() - 1;
        if (!chosen.get(last).isAssistant()
                || !rejected.get(rejected.size() - 1).isAssistant()) {
            entries.drop("last_turn_not_assistant");
        } else if (rejected.size() != chosen.size()
                || !rejected.subList(0, last).equals(chosen.subList(0, last))) {
            entries.drop("differs_before_last_turn");
        } else {
            entries.example(() -> PreferenceExample.pair(
                    row.id(),
                    new Text.Conversation(chosen.subList(0, last)),
                    answer(chosen.get(last)),
                    answer(rejected.get(last))));
        }
    }

    private static Text answer(Message last) {
        return new Text.Conversation(List.of(last));
    }

    private static List<Message> turns(String field, String transcript) {
        Matcher header = HEADER.matcher(transcript);
        if (!header.find() || !transcript.substring(0, header.start()).isBlank()) {
            throw new BadRowException(
                    "not_a_transcript",
                    field + " must begin with '\\n\\nHuman: ', got '"
                            + transcript.substring(0, Math.min(40, transcript.length())) + "'");
        }
        List<Message> turns = new ArrayList<>();
        boolean more = true;
        while (more) {
            String role = header.group(1).equals("Human") ? Message.USER : Message.ASSISTANT;
            int start = header.end();
            more = header.find();
            turns.add(new Message(
                    role,
                    transcript
                            .substring(start, more ? header.start() : transcript.length())
                            .strip()));
        }
        return turns;
    }
}
