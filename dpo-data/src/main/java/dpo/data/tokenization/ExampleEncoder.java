package dpo.data.tokenization;

import dpo.data.example.Text;
import java.util.List;

/** The encoding of prompts and completions of one kind of text. */
interface ExampleEncoder {

    /**
     * Encodes a prompt with each of its completions.
     *
     * @param where the example's name in messages
     */
    List<EncodedCompletion> completions(Text prompt, List<Text> completions, String where);

    /**
     * Encodes a prompt for generation.
     *
     * @param where the prompt's name in messages
     */
    int[] prompt(Text prompt, String where);
}
