package dpo.data.format;

import dpo.core.setting.Setting;
import dpo.data.example.CompletionExample;
import dpo.data.example.Message;
import dpo.data.example.Text;
import dpo.data.row.Row;
import dpo.data.row.Rows;
import dpo.data.source.CompletionSource;
import dpo.data.source.Dataset;
import dpo.data.source.Format;
import dpo.data.source.OnBadRow;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * TRL's conversational language-modelling format for supervised fine-tuning: {@code messages}. The prompt ends
 * before the first assistant message; every assistant message is scored (TRL's {@code assistant_only_loss}).
 *
 * @param path JSON Lines, plain or gzip
 * @param skip usable rows before the first selected one
 * @param limit maximum number of usable rows
 * @param onBadRow the policy on a row that cannot be an example
 */
@Format("messages")
public record Messages(
        @Setting(about = "JSON Lines of messages, plain or .gz")
        Path path,

        @Setting(about = Rows.SKIP, byDefault = "0") int skip,
        @Setting(about = Rows.LIMIT) Optional<Integer> limit,

        @Setting(about = Rows.ON_BAD_ROW, byDefault = "fail")
        OnBadRow onBadRow)
        implements CompletionSource {

    public Messages {
        new Rows(path, skip, limit, onBadRow);
    }

    @Override
    public Dataset<CompletionExample> read() {
        return Dataset.of(this, new Rows(path, skip, limit, onBadRow).examples(Messages::decode));
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
