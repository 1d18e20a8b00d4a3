package dpo.data.format;

import dpo.core.setting.Setting;
import dpo.data.example.CompletionExample;
import dpo.data.row.Row;
import dpo.data.row.Rows;
import dpo.data.source.CompletionSource;
import dpo.data.source.Dataset;
import dpo.data.source.Format;
import dpo.data.source.OnBadRow;
import java.nio.file.Path;
import java.util.Optional;

/**
 * TRL's prompt-completion format for supervised fine-tuning: {@code prompt} and {@code completion}, both strings or
 * both lists of messages. Assistant messages of the completion are scored.
 *
 * @param path JSON Lines, plain or gzip
 * @param skip usable rows before the first selected one
 * @param limit maximum number of usable rows
 * @param onBadRow the policy on a row that cannot be an example
 */
@Format("prompt-completion")
public record PromptCompletion(
        @Setting(about = "JSON Lines of prompt and completion, strings or lists of messages, plain or .gz")
        Path path,

        @Setting(about = Rows.SKIP, byDefault = "0") int skip,
        @Setting(about = Rows.LIMIT) Optional<Integer> limit,

        @Setting(about = Rows.ON_BAD_ROW, byDefault = "fail")
        OnBadRow onBadRow)
        implements CompletionSource {

    public PromptCompletion {
        new Rows(path, skip, limit, onBadRow);
    }

    @Override
    public Dataset<CompletionExample> read() {
        return Dataset.of(this, new Rows(path, skip, limit, onBadRow).examples(PromptCompletion::decode));
    }

    private static CompletionExample decode(Row row) {
        boolean plain = row.isText("prompt");
        return plain
                ? new CompletionExample(row.id(), row.plain("prompt"), row.plain("completion"))
                : new CompletionExample(row.id(), row.conversation("prompt"), row.conversation("completion"));
    }
}
