package dpo.data.format;

import dpo.data.example.Text;
import dpo.data.source.OnBadRow;
import dpo.data.source.Row;
import dpo.data.source.Rows;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Prompts to be continued: JSON Lines with a {@code prompt}, a string or a list of messages. Other columns are passed
 * over, so files of pairs with prompts will do.
 */
public final class Prompts {

    private Prompts() {}

    /**
     * A prompt.
     *
     * @param id {@code row-} and its line
     * @param text what is said
     */
    public record Named(String id, Text text) {}

    /**
     * The prompts of a file, plain or gzip.
     *
     * @throws dpo.data.DataException where the file cannot be read, or a row has no prompt
     */
    public static List<Named> read(Path path) {
        return new Rows(path, 0, Optional.empty(), OnBadRow.FAIL)
                .<Named>readLines((row, entries) -> entries.example(() -> new Named(row.id(), prompt(row))))
                .examples();
    }

    private static Text prompt(Row row) {
        row.refuse(PromptShape.RENDERING_FIELDS);
        return row.has("prompt") && row.json().get("prompt").isString()
                ? row.plain("prompt")
                : row.conversation("prompt");
    }
}
