package dpo.data.format;

import dpo.data.example.BadRowException;
import dpo.data.example.Excerpt;
import dpo.data.example.Message;
import dpo.data.example.Text;
import dpo.data.row.Row;
import java.util.List;

/**
 * The prompt of a row with both completions.
 *
 * @param prompt the prompt; may be empty if it is the shared beginning of both
 * @param chosen the preferred completion
 * @param rejected the other completion
 */
record PromptedPair(Text prompt, Text chosen, Text rejected) {

    /** Three columns of strings. */
    static PromptedPair strings(Row row) {
        return new PromptedPair(row.plain("prompt"), row.plain("chosen"), row.plain("rejected"));
    }

    /** Three columns of messages. */
    static PromptedPair conversations(Row row) {
        return new PromptedPair(row.conversation("prompt"), row.conversation("chosen"), row.conversation("rejected"));
    }

    /**
     * Splits lists of messages after their shared beginning, like TRL's {@code maybe_extract_prompt}. A {@code prompt}
     * that is a string must repeat one of the shared messages; TRL ignores it.
     */
    static PromptedPair ofMessages(Row row) {
        List<Message> chosen = row.messages("chosen");
        List<Message> rejected = row.messages("rejected");
        int shared = 0;
        while (shared < chosen.size()
                && shared < rejected.size()
                && chosen.get(shared).equals(rejected.get(shared))) {
            shared++;
        }
        if (shared == Math.min(chosen.size(), rejected.size()) && shared > 0) {
            throw noBoundary(chosen.equals(rejected));
        }
        PromptedPair split = new PromptedPair(
                new Text.Conversation(chosen.subList(0, shared)),
                new Text.Conversation(chosen.subList(shared, chosen.size())),
                new Text.Conversation(rejected.subList(shared, rejected.size())));
        if (row.has("prompt")) {
            split.requireCopy(row.text("prompt"));
        }
        return split;
    }

    /** Splits strings before the first code point that differs, and before a space that precedes it. */
    static PromptedPair ofStrings(Row row) {
        String chosen = row.text("chosen");
        String rejected = row.text("rejected");
        int cut = cut(chosen, rejected);
        return new PromptedPair(
                new Text.Plain(chosen.substring(0, cut)),
                new Text.Plain(chosen.substring(cut)),
                new Text.Plain(rejected.substring(cut)));
    }

    private void requireCopy(String copy) {
        if (prompt.isEmptyPrompt()) {
            throw new BadRowException(
                    "wrong_type",
                    "prompt must be a list of messages if chosen and rejected are "
                            + "lists of messages without a shared beginning, got a string");
        }
        if (!prompt.readable().contains(copy.strip())) {
            throw new BadRowException(
                    "prompt_mismatch",
                    "prompt, a string, must repeat a message with which chosen and" + " rejected begin, got '"
                            + Excerpt.of(copy) + "' beside '" + Excerpt.of(prompt.readable()) + "'");
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

    /** The error of two texts that are equal or of which one is a prefix of the other. */
    private static BadRowException noBoundary(boolean equal) {
        return equal
                ? new BadRowException("equal_completions", "chosen must differ from rejected, got the same text twice")
                : new BadRowException(
                        "no_prompt_boundary",
                        "chosen and rejected must differ after a shared prompt, got one that is a prefix of the other");
    }
}
