package dpo.data.format;

import dpo.data.example.Text;
import dpo.data.row.Row;
import java.util.List;
import java.util.Optional;

/** Whether the texts of a file are strings or lists of messages; the first row whose prompt is either decides. */
final class TextShape {

    private Optional<Boolean> plain = Optional.empty();

    /** The prompt of a row; that of the first row decides the shape. */
    Text prompt(Row row) {
        boolean here = plain.orElse(row.isText("prompt"));
        Text prompt = here ? row.plain("prompt") : row.conversation("prompt");
        plain = Optional.of(here);
        return prompt;
    }

    /** A completion of the row whose prompt was last read. */
    Text completion(Row row, String field) {
        return plain.orElseThrow() ? row.plain(field) : row.conversation(field);
    }

    /** A list of completions of the row whose prompt was last read. */
    List<Text> completions(Row row, String field) {
        return plain.orElseThrow() ? row.plains(field) : row.conversations(field);
    }
}
