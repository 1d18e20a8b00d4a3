package dpo.data.example;

import dpo.core.sequence.Judgement;

/**
 * A preference before tokenisation: a prompt x, a preferred completion y_w and another one y_l.
 *
 * @param id name of the example in its data set, unique there: {@code row-12}, {@code row-12/annotator1}; rows count
 *     from 1
 * @param prompt the context of both; must say something
 * @param chosen of the same kind as the prompt; a conversation ends with an assistant message, and none of its
 *     assistant messages is blank
 * @param rejected likewise; differs from chosen
 * @param group the preference source (an annotator, a data set)
 * @param weight factor of the pair's loss, finite and at least 0
 */
public record PreferenceExample(String id, Text prompt, Text chosen, Text rejected, String group, double weight) {

    public PreferenceExample {
        CompletionExample.requirePrompt(prompt);
        CompletionExample.requireCompletion("chosen", prompt, chosen);
        CompletionExample.requireCompletion("rejected", prompt, rejected);
        if (chosen.equals(rejected)) {
            throw new BadRowException("equal_completions", "chosen must differ from rejected, got the same text twice");
        }
        if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
            throw new BadRowException("bad_weight", "weight must be finite and at least 0, got " + weight);
        }
    }

    /** An example of the only group, with weight 1. */
    public static PreferenceExample of(String id, Text prompt, Text chosen, Text rejected) {
        return new PreferenceExample(id, prompt, chosen, rejected, Judgement.ONLY_GROUP, 1.0);
    }
}
