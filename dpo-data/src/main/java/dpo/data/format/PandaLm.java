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
import java.util.List;

/**
 * PandaLM's human-labelled test set (arXiv:2306.05087): a JSON array of {@code instruction}, {@code input} and two
 * responses, labelled by three annotators: 1 or 2 is the better response, 0 a tie.
 *
 * <p>Each annotator is a preference source: a row has three entries, of the groups {@code annotator1} to {@code
 * annotator3}. Ties are always dropped, and counted as {@code tie_annotator1} and so on. The prompt is one user
 * message: the instruction, followed by a blank line and the input if there is one. {@code skip} and {@code limit}
 * count rows, so that the preferences of one row stay on one side of a split. In the published file some responses are
 * empty or the boolean {@code true}; {@code on_bad_row: skip} drops these rows.
 *
 * @param rows the selected rows
 */
@Format("pandalm")
public record PandaLm(@Inlined Rows rows) implements PreferenceSource {

    private static final List<String> ANNOTATORS = List.of("annotator1", "annotator2", "annotator3");

    @Override
    public Dataset<PreferenceExample> read() {
        return Dataset.of(this, rows.read(PandaLm::decode));
    }

    private static void decode(Row row, Entries<PreferenceExample> entries) {
        for (String annotator : ANNOTATORS) {
            if (row.has(annotator) && row.integer(annotator) == 0) {
                entries.drop("tie_" + annotator);
            } else {
                entries.example(() -> preference(row, annotator));
            }
        }
    }

    private static PreferenceExample preference(Row row, String annotator) {
        int better = row.integer(annotator);
        if (better != 1 && better != 2) {
            throw new BadRowException("bad_judgement", annotator + " must be 0, 1 or 2, got " + better);
        }
        String input = row.text("input");
        String instruction = row.text("instruction");
        Message request = Message.user(input.isBlank() ? instruction : instruction + "\n\n" + input);
        return new PreferenceExample(
                row.id() + "/" + annotator,
                new Text.Conversation(List.of(request)),
                List.of(answer(row.text("response" + better)), answer(row.text("response" + (3 - better)))),
                List.of(),
                annotator,
                1.0);
    }

    private static Text answer(String response) {
        return new Text.Conversation(List.of(Message.assistant(response)));
    }
}
