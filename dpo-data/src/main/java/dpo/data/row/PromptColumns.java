package dpo.data.row;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Names of columns that are part of the prompt. If such a column were ignored, training would use another prompt than
 * that of the data.
 */
final class PromptColumns {

    /** In lower case, without separators and without a plural s. */
    // spotless:off
    private static final Set<String> NAMES = Set.of(
            "prompt", "question", "query", "instruction", "input", "problem",
            "system", "systemprompt", "systemmessage", "developer", "developerprompt", "developermessage", "preamble",
            "systeminstruction", "sys", "preprompt", "persona", "userprompt", "usermessage", "fewshot",
            "history", "chathistory", "conversationhistory", "messagehistory", "dialoguehistory", "dialoghistory",
            "previousmessage", "previousturn", "conversation", "dialogue", "dialog", "context",
            "document", "doc", "passage", "knowledge", "article", "prefix", "prefill", "assistantprefix",
            "tool", "function", "toolcall", "functioncall", "chattemplate", "chattemplatekwarg",
            "image", "imagepath", "imageurl", "picture", "video", "videopath", "videourl", "audio", "audiopath",
            "audiourl", "speech", "media", "pixelvalue", "attachment");
    // spotless:on

    private static final Pattern SEPARATORS = Pattern.compile("[^a-z0-9]");

    private PromptColumns() {}

    /** Whether a column of this name, in any usual spelling, is a part of the prompt. */
    static boolean contain(String name) {
        String plain = SEPARATORS.matcher(name.toLowerCase(Locale.ROOT)).replaceAll("");
        return NAMES.contains(plain) || (plain.endsWith("s") && NAMES.contains(plain.substring(0, plain.length() - 1)));
    }

    /** Whether a value is empty: null, an empty string, an empty list, or an object of such values. */
    static boolean isAbsent(JsonNode value) {
        return switch (value.getNodeType()) {
            case NULL -> true;
            case STRING -> value.stringValue().isEmpty();
            case ARRAY -> value.isEmpty();
            case OBJECT -> value.valueStream().allMatch(PromptColumns::isAbsent);
            default -> false;
        };
    }
}
