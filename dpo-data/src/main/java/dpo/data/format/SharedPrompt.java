package dpo.data.format;

import dpo.data.example.BadRowException;
import dpo.data.example.Excerpt;
import dpo.data.example.Message;
import dpo.data.example.Text;
import dpo.data.source.Row;
import java.util.List;

/**
 * The prompt that {@code chosen} and {@code rejected} begin with, and what each says after it.
 *
 * @param prompt may be empty
 */
record SharedPrompt(Text prompt, Text chosen, Text rejected) {

    /**
     * Of lists of messages, as TRL's {@code maybe_extract_prompt} takes it: a {@code prompt} that is a string is only a
     * copy of what is said in the messages. TRL does not look at it; here it must be one.
     */
    static SharedPrompt ofMessages(Row row) {
        List<Message> chosen = row.messages("chosen");
        List<Message> rejected = row.messages("rejected");
        int shared = 0;
        while (shared < chosen.size() && shared < rejected.size() && chosen.get(shared).equals(rejected.get(shared))) {
            shared++;
        }
        if (shared == Math.min(chosen.size(), rejected.size()) && shared > 0) {
            throw noBoundary(chosen.equals(rejected));
        }
        SharedPrompt split = new SharedPrompt(new Text.Conversation(chosen.subList(0, shared)),
                new Text.Conversation(chosen.subList(shared, chosen.size())),
                new Text.Conversation(rejected.subList(shared, rejected.size())));
        if (row.has("prompt")) {
            split.requireCopy(row.text("prompt"));
        }
        return split;
    }

    /** Of strings: before the first code point in which they differ, and before a space that stands there. */
    static SharedPrompt ofStrings(Row row) {
        String chosen = row.text("chosen");
        String rejected = row.text("rejected");
        int cut = cut(chosen, rejected);
        return new SharedPrompt(new Text.Plain(chosen.substring(0, cut)), new Text.Plain(chosen.substring(cut)),
                new Text.Plain(rejected.substring(cut)));
    }

    private void requireCopy(String copy) {
        if (prompt.isEmptyPrompt()) {
            throw new BadRowException("wrong_type", "prompt must be a list of messages where chosen and rejected are "
                    + "lists of messages without a shared beginning, got a string");
        }
        if (!prompt.readable().contains(copy.strip())) {
            throw new BadRowException("prompt_mismatch", "prompt, a string, must repeat a message with which chosen and "
                    + "rejected begin, got '" + Excerpt.of(copy) + "' beside '" + Excerpt.of(prompt.readable()) + "'");
        }
    }

    private static int cut(String chosen, String rejected) {
        int shared = 0;
        int shorter = Math.min(chosen.length(), rejected.length());
        while (shared < shorter && chosen.charAt(shared) == rejected.charAt(shared)) {
            shared++;
        }
        if (shared == shorter) {
            throw noBoundary(chosen.equals(rejected));
        }
        boolean withinCodePoint = shared > 0 && Character.isHighSurrogate(chosen.charAt(shared - 1));
        int cut = withinCodePoint ? shared - 1 : shared;
        return cut > 0 && chosen.charAt(cut - 1) == ' ' ? cut - 1 : cut;
    }

    /** What is wrong with two texts that do not part within both: they are equal, or one begins the other. */
    private static BadRowException noBoundary(boolean equal) {
        return equal
                ? new BadRowException("equal_completions", "chosen must differ from rejected, got the same text twice")
                : new BadRowException("no_prompt_boundary",
                        "chosen and rejected must part after a shared prompt, got one that is the beginning of the "
                                + "other");
    }
}
