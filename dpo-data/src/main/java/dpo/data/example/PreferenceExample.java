package dpo.data.example;

import dpo.core.sequence.Label;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A preference before tokenization: a prompt x and its completions, best first. Two are a pair y_w, y_l; K are a ranked
 * list; a single one has a label, desirable if its rating is positive.
 *
 * @param id name of the example in its data set, unique there: {@code row-12}, {@code row-12/annotator1}; rows count
 *     from 1
 * @param prompt the context of all completions; not empty
 * @param completions of the same kind as the prompt, no two equal; a conversation ends with an assistant message, and
 *     none of its assistant messages is blank. No conversation repeats the prompt at its beginning, nor does the best
 *     string; a worse string may, since models do repeat prompts. If the prompt is one word, the best string may begin
 *     with it too, unless all completions do.
 * @param ratings a finite number for each completion, higher is better, not ascending; empty if the data have only an
 *     order; required for a single completion
 * @param group the preference source (an annotator, a data set)
 * @param weight factor of the example's loss, finite and at least 0
 */
public record PreferenceExample(
        String id, Text prompt, List<Text> completions, List<Double> ratings, String group, double weight)
        implements Prompted {

    public PreferenceExample {
        completions = List.copyOf(completions);
        ratings = List.copyOf(ratings);
        CompletionExample.requirePrompt(prompt);
        boolean byChance = isWord(prompt) && !completions.stream().allMatch(each -> each.repeats(prompt));
        for (int i = 0; i < completions.size(); i++) {
            CompletionExample.requireCompletion(name(i, completions.size()), prompt, completions.get(i));
            if (!byChance && (i == 0 || prompt instanceof Text.Conversation)) {
                CompletionExample.requireNoRepetition(name(i, completions.size()), prompt, completions.get(i));
            }
        }
        requireDifferent(completions);
        try {
            new Label(completions.size(), ratings, group, weight);
        } catch (IllegalArgumentException e) {
            throw new BadRowException("bad_judgement", e.getMessage());
        }
    }

    /** A pair without ratings, of the default group, with weight 1. */
    public static PreferenceExample pair(String id, Text prompt, Text chosen, Text rejected) {
        return of(id, prompt, List.of(chosen, rejected), List.of());
    }

    /** Completions, best first, with ratings or without, of the default group, with weight 1. */
    public static PreferenceExample of(String id, Text prompt, List<Text> completions, List<Double> ratings) {
        return new PreferenceExample(id, prompt, completions, ratings, Label.ONLY_GROUP, 1);
    }

    /** A completion labelled desirable or not, of the default group, with weight 1. */
    public static PreferenceExample labelled(String id, Text prompt, Text completion, boolean desirable) {
        return of(id, prompt, List.of(completion), Label.desirable(desirable).ratings());
    }

    /** The label or preference: everything about the completions except their text. */
    public Label label() {
        return new Label(completions.size(), ratings, group, weight);
    }

    /** Whether a completion may begin with this prompt by chance: a string of one word. */
    private static boolean isWord(Text prompt) {
        return prompt instanceof Text.Plain plain
                && plain.text().strip().codePoints().allMatch(Character::isLetterOrDigit);
    }

    private static String name(int completion, int of) {
        return switch (of) {
            case 1 -> "completion";
            case 2 -> completion == 0 ? "chosen" : "rejected";
            default -> "completions[" + completion + "]";
        };
    }

    private static void requireDifferent(List<Text> completions) {
        Set<Text> seen = new HashSet<>();
        for (int i = 0; i < completions.size(); i++) {
            if (!seen.add(completions.get(i))) {
                int first = completions.indexOf(completions.get(i));
                throw new BadRowException(
                        "equal_completions",
                        name(first, completions.size()) + " must differ from " + name(i, completions.size())
                                + ", got the same text twice");
            }
        }
    }
}
