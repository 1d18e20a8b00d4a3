package dpo.data.format;

import dpo.data.example.BadRowException;
import dpo.data.source.Row;
import java.util.List;
import java.util.Optional;

/** Whether the rows of a file have a prompt of their own; the first one with two answers decides, as in TRL. */
final class PromptShape {

    /** Columns that TRL hands to the chat template or the processor. */
    static final List<String> RENDERING_FIELDS = List.of("tools", "chat_template_kwargs", "image", "images");

    private Optional<Boolean> explicit = Optional.empty();

    /** Whether a row has a prompt; refused where that differs from the rows before. */
    boolean isExplicit(Row row) {
        boolean here = row.json().has("prompt");
        if (explicit.isPresent() && explicit.get() != here) {
            throw new BadRowException("missing_field",
                    "prompt must be given in all rows or in none, got a row " + (here ? "with" : "without") + " it");
        }
        if (row.has("chosen") && row.has("rejected")) {
            explicit = Optional.of(here);
        }
        return here;
    }

    /** What is wrong with two texts that do not part within both: they are equal, or one begins the other. */
    static BadRowException noBoundary(boolean equal) {
        return equal
                ? new BadRowException("equal_completions", "chosen must differ from rejected, got the same text twice")
                : new BadRowException("no_prompt_boundary",
                        "chosen and rejected must part after a shared prompt, got one that is the beginning of the "
                                + "other");
    }
}
