package dpo.data.format;

import dpo.core.setting.Inlined;
import dpo.data.example.CompletionExample;
import dpo.data.example.Message;
import dpo.data.example.Text;
import dpo.data.row.Row;
import dpo.data.row.Rows;
import dpo.data.source.CompletionSource;
import dpo.data.source.Dataset;
import dpo.data.source.Format;
import java.util.List;

/**
 * TRL's conversational language-modelling format for supervised fine-tuning: {@code messages}. The prompt ends
 * before the first assistant message; every assistant message is scored (TRL's {@code assistant_only_loss}).
 *
 * @param rows the selected rows
 */
@Format("messages")
public record Messages(@Inlined Rows rows) implements CompletionSource {

    @Override
    public Dataset<CompletionExample> read() {
        return Dataset.of(this, rows.examples(Messages::decode));
    }

    private static CompletionExample decode(Row row) {
        List<Message> messages = row.messages("messages");
        int prompt = 0;
        while (prompt < messages.size() && !messages.get(prompt).isAssistant()) {
            prompt++;
        }
        return new CompletionExample(
                row.id(),
                new Text.Conversation(messages.subList(0, prompt)),
                new Text.Conversation(messages.subList(prompt, messages.size())));
    }
}
