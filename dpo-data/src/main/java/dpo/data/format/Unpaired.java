package dpo.data.format;

import dpo.core.setting.Setting;
import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.row.Row;
import dpo.data.row.Rows;
import dpo.data.source.Dataset;
import dpo.data.source.Format;
import dpo.data.source.OnBadRow;
import dpo.data.source.PreferenceSource;
import java.nio.file.Path;
import java.util.Optional;

/**
 * TRL's unpaired preference format, that of KTO: {@code prompt}, {@code completion} and {@code label}, true where the
 * completion is desirable. Prompt and completion are strings that no chat template changes, or lists of messages; the
 * first row decides which, and a row that differs is bad.
 *
 * @param path JSON Lines, plain or gzip
 * @param skip usable rows before the first selected one
 * @param limit maximum number of usable rows
 * @param onBadRow the policy on a row that cannot be an example
 */
@Format("unpaired")
public record Unpaired(
        @Setting(about = "JSON Lines of prompt, completion and label (true or false), plain or .gz")
        Path path,

        @Setting(about = Rows.SKIP, byDefault = "0") int skip,
        @Setting(about = Rows.LIMIT) Optional<Integer> limit,

        @Setting(about = Rows.ON_BAD_ROW, byDefault = "fail")
        OnBadRow onBadRow)
        implements PreferenceSource {

    public Unpaired {
        new Rows(path, skip, limit, onBadRow);
    }

    @Override
    public Dataset<PreferenceExample> read() {
        TextShape shape = new TextShape();
        return Dataset.of(this, new Rows(path, skip, limit, onBadRow).examples(row -> decode(row, shape)));
    }

    private static PreferenceExample decode(Row row, TextShape shape) {
        Text prompt = shape.prompt(row);
        Text completion = shape.completion(row, "completion");
        return PreferenceExample.labelled(row.id(), prompt, completion, row.truth("label"));
    }
}
