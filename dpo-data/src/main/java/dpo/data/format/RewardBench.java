package dpo.data.format;

import dpo.core.setting.Inlined;
import dpo.data.example.Message;
import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.row.Row;
import dpo.data.row.Rows;
import dpo.data.source.Dataset;
import dpo.data.source.Format;
import dpo.data.source.PreferenceSource;
import java.util.List;

/**
 * The layout of RewardBench (arXiv:2403.13787): {@code prompt}, {@code chosen}, {@code rejected} and {@code subset} are
 * strings; {@code id} is not read.
 *
 * <p>The prompt is one user message and each completion one assistant message, as in RewardBench, which renders them
 * with the model's chat template. The subset is the preference source of a row, so metrics are also computed by subset.
 *
 * @param rows the selected rows
 */
@Format("rewardbench")
public record RewardBench(@Inlined Rows rows) implements PreferenceSource {

    @Override
    public Dataset<PreferenceExample> read() {
        return Dataset.of(this, rows.examples(RewardBench::example));
    }

    private static PreferenceExample example(Row row) {
        return new PreferenceExample(
                row.id(),
                new Text.Conversation(List.of(Message.user(row.text("prompt")))),
                List.of(answer(row.text("chosen")), answer(row.text("rejected"))),
                List.of(),
                row.text("subset"),
                1.0);
    }

    private static Text answer(String text) {
        return new Text.Conversation(List.of(Message.assistant(text)));
    }
}
