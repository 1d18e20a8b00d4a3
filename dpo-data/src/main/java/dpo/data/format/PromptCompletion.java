package dpo.data.format;

import dpo.core.setting.Inlined;
import dpo.data.example.CompletionExample;
import dpo.data.row.Row;
import dpo.data.row.Rows;
import dpo.data.source.CompletionSource;
import dpo.data.source.Dataset;
import dpo.data.source.Format;

/**
 * TRL's prompt-completion format for supervised fine-tuning: {@code prompt} and {@code completion}, both strings or
 * both lists of messages. Assistant messages of the completion are scored.
 *
 * @param rows the selected rows
 */
@Format("prompt-completion")
public record PromptCompletion(@Inlined Rows rows) implements CompletionSource {

    @Override
    public Dataset<CompletionExample> read() {
        return Dataset.of(this, rows.examples(PromptCompletion::decode));
    }

    private static CompletionExample decode(Row row) {
        boolean plain = row.isText("prompt");
        return plain
                ? new CompletionExample(row.id(), row.plain("prompt"), row.plain("completion"))
                : new CompletionExample(row.id(), row.conversation("prompt"), row.conversation("completion"));
    }
}
