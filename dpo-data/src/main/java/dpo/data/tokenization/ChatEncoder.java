package dpo.data.tokenization;

import dpo.data.example.BadRowException;
import dpo.data.example.Message;
import dpo.data.example.Text;
import dpo.data.template.ChatTemplate;
import dpo.data.template.TemplateException;
import dpo.data.tokenization.modelfolder.ModelFolder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The encoding of conversations by the model's chat template, as in transformers: no tokens are added, and the prompt
 * includes the generation prompt.
 */
final class ChatEncoder implements ExampleEncoder {

    private final TextEncoder encoder;
    private final ChatTemplate template;
    private final Map<String, Object> constants = new LinkedHashMap<>();

    ChatEncoder(TextEncoder encoder, ChatTemplate template, ModelFolder folder) {
        this.encoder = encoder;
        this.template = template;
        constants.putAll(folder.namedTokens());
        // transformers always passes these two.
        constants.put("tools", null);
        constants.put("documents", null);
    }

    @Override
    public List<EncodedCompletion> completions(Text prompt, List<Text> completions, String where) {
        List<Message> begin = admitted(prompt, where + ", prompt");
        int[] promptIds = encode(begin, true, where);
        List<EncodedCompletion> sides = new ArrayList<>();
        for (Text completion : completions) {
            sides.add(side(promptIds, begin, admitted(completion, where + ", completion"), where));
        }
        return sides;
    }

    @Override
    public int[] prompt(Text prompt, String where) {
        return encode(admitted(prompt, where), true, where);
    }

    private EncodedCompletion side(int[] promptIds, List<Message> begin, List<Message> completion, String where) {
        List<Message> all = new ArrayList<>(begin);
        all.addAll(completion);
        int[] ids = encode(all, false, where);
        List<EncodedCompletion.Turn> turns = new ArrayList<>();
        for (int i = begin.size(); i < all.size(); i++) {
            if (all.get(i).isAssistant()) {
                int[] before = i == begin.size() ? promptIds : encode(all.subList(0, i), true, where);
                int[] through = i == all.size() - 1 ? ids : encode(all.subList(0, i + 1), false, where);
                turns.add(new EncodedCompletion.Turn(before, through));
            }
        }
        return new EncodedCompletion(ids, completion.get(0).isAssistant(), turns);
    }

    private List<Message> admitted(Text text, String where) {
        return ((Text.Conversation) text)
                .messages().stream()
                        .map(message -> message.withContent(encoder.admit(message.content(), where)))
                        .toList();
    }

    private int[] encode(List<Message> messages, boolean generationPrompt, String where) {
        Map<String, Object> variables = new LinkedHashMap<>(constants);
        variables.put("messages", messages.stream().map(Message::fields).toList());
        variables.put("add_generation_prompt", generationPrompt);
        try {
            return encoder.encode(template.render(variables), where);
        } catch (TemplateException e) {
            throw new BadRowException(
                    "not_rendered",
                    "chat template must render the conversation, got: " + e.getMessage() + " (" + where + ")");
        }
    }
}
