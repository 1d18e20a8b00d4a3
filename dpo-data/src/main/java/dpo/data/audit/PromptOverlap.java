package dpo.data.audit;

import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.source.Dataset;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The examples of one set whose prompts occur in another. An evaluation on them does not measure unseen prompts.
 *
 * @param examples number of examples of the second set
 * @param shared number of these with a prompt of the first set
 * @param first ids of up to ten of the shared ones
 */
public record PromptOverlap(int examples, int shared, List<String> first) {

    private static final int MOST_IDS = 10;

    /** Finds the examples of {@code evaluation} whose prompts are equal to one of {@code training}. */
    public static PromptOverlap of(Dataset<PreferenceExample> training, Dataset<PreferenceExample> evaluation) {
        Set<Text> prompts =
                training.examples().stream().map(PreferenceExample::prompt).collect(Collectors.toSet());
        List<String> shared = evaluation.examples().stream()
                .filter(example -> prompts.contains(example.prompt()))
                .map(PreferenceExample::id)
                .toList();
        return new PromptOverlap(
                evaluation.examples().size(),
                shared.size(),
                shared.stream().limit(MOST_IDS).toList());
    }

    @Override
    public String toString() {
        return shared + " of " + examples + " evaluation examples have a prompt of the training set"
                + (shared == 0 ? "" : ", e.g. " + first);
    }
}
