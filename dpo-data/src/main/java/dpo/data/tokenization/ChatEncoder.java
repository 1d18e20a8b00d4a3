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
    public List<RenderedCompletion> completions(Text prompt, List<Text> completions, String where) {
        List<Message> begin = admitted(prompt, where + ", prompt");
        String promptText = render(begin, true, where);
        List<RenderedCompletion> sides = new ArrayList<>();
        for (Text completion : completions) {
            sides.add(side(promptText, begin, admitted(completion, where + ", completion"), where));
        }
        return sides;
    }

    @Override
    public int[] complete(int[] ids) {
        return ids;
    }

    @Override
    public int[] prompt(Text prompt, String where) {
        return encoder.encode(render(admitted(prompt, where), true, where), where);
    }

    private RenderedCompletion side(String promptText, List<Message> begin, List<Message> completion, String where) {
        List<Message> all = new ArrayList<>(begin);
        all.addAll(completion);
        String text = render(all, false, where);
        List<RenderedCompletion.Turn> turns = new ArrayList<>();
        for (int i = begin.size(); i < all.size(); i++) {
            if (all.get(i).isAssistant()) {
                String before = i == begin.size() ? promptText : render(all.subList(0, i), true, where);
                String through = i == all.size() - 1 ? text : render(all.subList(0, i + 1), false, where);
                turns.add(new RenderedCompletion.Turn(before, through));
            }
        }
        return new RenderedCompletion(text, completion.get(0).isAssistant(), turns);
    }

    private List<Message> admitted(Text text, String where) {
        return ((Text.Conversation) text)
                .messages().stream()
                        .map(message -> message.withContent(encoder.admit(message.content(), where)))
                        .toList();
    }

    private String render(List<Message> messages, boolean generationPrompt, String where) {
        Map<String, Object> variables = new LinkedHashMap<>(constants);
        variables.put("messages", messages.stream().map(Message::fields).toList());
        variables.put("add_generation_prompt", generationPrompt);
        try {
            return template.render(variables);
        } catch (TemplateException e) {
            throw new BadRowException(
                    "not_rendered",
                    "chat template must render the conversation, got: " + e.getMessage() + " (" + where + ")");
        }
    }
}
