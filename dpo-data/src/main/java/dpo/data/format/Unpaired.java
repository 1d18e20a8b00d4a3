package dpo.data.format;

import dpo.core.setting.Inlined;
import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.row.Row;
import dpo.data.row.Rows;
import dpo.data.source.Dataset;
import dpo.data.source.Format;
import dpo.data.source.PreferenceSource;

/**
 * TRL's unpaired preference format, that of KTO: {@code prompt}, {@code completion} and {@code label}, true if the
 * completion is desirable. Prompt and completion are strings that no chat template changes, or lists of messages; the
 * first row decides which, and a row that differs is bad.
 *
 * @param rows the selected rows
 */
@Format("unpaired")
public record Unpaired(@Inlined Rows rows) implements PreferenceSource {

    @Override
    public Dataset<PreferenceExample> read() {
        TextShape shape = new TextShape();
        return Dataset.of(this, rows.examples(row -> decode(row, shape)));
    }

    private static PreferenceExample decode(Row row, TextShape shape) {
        Text prompt = shape.prompt(row);
        Text completion = shape.completion(row, "completion");
        return PreferenceExample.labelled(row.id(), prompt, completion, row.truth("label"));
    }
}
