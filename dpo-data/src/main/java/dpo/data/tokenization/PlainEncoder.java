package dpo.data.tokenization;

import dpo.data.DataException;
import dpo.data.example.BadRowException;
import dpo.data.example.Text;
import dpo.data.tokenization.modelfolder.ModelFolder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The encoding of strings without template, like TRL's standard format: the end-of-sequence token is appended to a
 * completion that does not end with it, then prompt and prompt + completion are encoded with the tokens that the
 * tokenizer's post-processor adds. As in transformers 5 with a {@code tokenizer.json}, the flags {@code add_bos_token}
 * and {@code add_eos_token} have no effect.
 */
final class PlainEncoder implements ExampleEncoder {

    private static final String PROBE = "a";

    private final TextEncoder encoder;
    private final Optional<String> endOfSequence;
    private final int[] before;
    private final int[] after;

    PlainEncoder(TextEncoder encoder, ModelFolder folder) {
        this.encoder = encoder;
        this.endOfSequence = Optional.ofNullable(folder.namedTokens().get("eos_token"));
        int[] bare;
        int[] dressed;
        try {
            bare = encoder.tokenizer().encode(PROBE);
            dressed = encoder.tokenizer().encodeWithAddedTokens(PROBE);
        } catch (BadRowException e) {
            throw new DataException(e.getMessage(), e);
        }
        int start = IntStream.rangeClosed(0, dressed.length - bare.length)
                .filter(at -> Arrays.equals(dressed, at, at + bare.length, bare, 0, bare.length))
                .findFirst()
                .orElseThrow(() -> new DataException("post_processor of tokenizer.json must add tokens before and "
                        + "after a text, got one that changes it"));
        this.before = Arrays.copyOf(dressed, start);
        this.after = Arrays.copyOfRange(dressed, start + bare.length, dressed.length);
    }

    @Override
    public List<RenderedCompletion> completions(Text prompt, List<Text> completions, String where) {
        String begin = ((Text.Plain) prompt).text();
        String promptText = encoder.admit(begin, where + ", prompt");
        return completions.stream()
                .map(completion -> side(promptText, begin, (Text.Plain) completion, where))
                .toList();
    }

    @Override
    public int[] prompt(Text prompt, String where) {
        int[] ids = complete(encoder.encode(encoder.admit(((Text.Plain) prompt).text(), where), where));
        return Arrays.copyOf(ids, ids.length - after.length);
    }

    private RenderedCompletion side(String promptText, String begin, Text.Plain completion, String where) {
        String end = endOfSequence.orElseThrow(() -> new DataException(
                "tokenizer_config.json must name an eos_token for plain text, got none (" + where + ")"));
        String text = completion.text();
        String own = text.endsWith(end) ? text.substring(0, text.length() - end.length()) : text;
        // Prompt and completion together, because a special token may be spelled across their boundary.
        String whole = encoder.admit(begin + own, where + ", completion") + end;
        return new RenderedCompletion(whole, true, List.of(new RenderedCompletion.Turn(promptText, whole)));
    }

    @Override
    public int[] complete(int[] ids) {
        int[] all = Arrays.copyOf(before, before.length + ids.length + after.length);
        System.arraycopy(ids, 0, all, before.length, ids.length);
        System.arraycopy(after, 0, all, before.length + ids.length, after.length);
        return all;
    }
}
