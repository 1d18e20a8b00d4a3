package dpo.data.tokenization;

import dpo.data.example.Text;
import java.util.List;

/** The encoding of prompts and completions of one kind of text. Instances are safe for use by several threads. */
interface ExampleEncoder {

    /**
     * The text of a prompt with each of its completions.
     *
     * @param where the example's name in messages
     * @throws dpo.data.example.BadRowException if there is none
     */
    List<RenderedCompletion> completions(Text prompt, List<Text> completions, String where);

    /** Ids of a text with those that are added before and after it. */
    int[] complete(int[] ids);

    /**
     * Encodes a prompt for generation.
     *
     * @param where the prompt's name in messages
     */
    int[] prompt(Text prompt, String where);
}
