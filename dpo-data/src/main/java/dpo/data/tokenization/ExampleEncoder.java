package dpo.data.tokenization;

import dpo.data.example.Text;
import java.util.List;

/** How prompts and completions of one kind of text become ids. */
interface ExampleEncoder {

    /**
     * The ids of a prompt with each of its completions.
     *
     * @param where names the example in messages
     */
    List<EncodedCompletion> completions(Text prompt, List<Text> completions, String where);

    /**
     * The ids of a prompt alone, to be continued.
     *
     * @param where names the prompt in messages
     */
    int[] prompt(Text prompt, String where);
}
