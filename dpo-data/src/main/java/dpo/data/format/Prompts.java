package dpo.data.format;

import dpo.data.example.Prompted;
import dpo.data.example.Text;
import dpo.data.row.Row;
import dpo.data.row.Rows;
import java.nio.file.Path;
import java.util.List;

/**
 * Prompts for generation: JSON Lines with a {@code prompt}, a string or a list of messages. Files of pairs with prompts
 * are accepted; where prompt is a string and the completions are messages, the prompt is that of {@link
 * Conversational}.
 */
public final class Prompts {

    private Prompts() {}

    /**
     * A prompt.
     *
     * @param id {@code row-} and its line
     * @param prompt the prompt
     */
    public record Named(String id, Text prompt) implements Prompted {}

    /**
     * The prompts of a file, plain or gzip.
     *
     * @throws dpo.data.DataException if the file cannot be read, or a row has no prompt
     */
    public static List<Named> read(Path path) {
        return Rows.of(path).examples(row -> new Named(row.id(), prompt(row))).examples();
    }

    private static Text prompt(Row row) {
        if (row.isText("prompt")) {
            return row.isMessages("chosen") ? PromptedPair.ofMessages(row).prompt() : row.plain("prompt");
        }
        return row.conversation("prompt");
    }
}
