package dpo.torch.generation;

import dpo.core.sampling.CompletionSampler;
import dpo.core.sampling.Prompt;
import dpo.core.sampling.SampledCompletion;
import dpo.core.sampling.Sampling;
import dpo.torch.layout.TokenLayout;
import dpo.torch.lm.LanguageModel;
import dpo.torch.tensor.Tensors;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Generates completions: one forward pass over the prompts, packed as in training, then one per token over the last
 * token of every row. A finished row is dropped. Tokens are drawn in doubles from the logits of each row.
 *
 * @param model that generates
 * @param settings of sampling
 * @param endIds tokens that end a completion
 * @param maxLength longest sequence of the model
 */
@SuppressWarnings("try") // pointer scopes are only opened and closed
public record Generation(LanguageModel model, Sampling settings, Set<Integer> endIds, int maxLength) {

    /** A completion of each prompt; at least one prompt, each shorter than the maximum length. */
    public List<SampledCompletion> completions(List<Prompt> prompts) {
        List<CompletionSampler> all = prompts.stream()
                .map(prompt -> new CompletionSampler(prompt, settings, endIds, maxLength))
                .toList();
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard();
                KeyValueCache cache = new KeyValueCache(model.device())) {
            int[][] ids = prompts.stream().map(Generation::ids).toArray(int[][]::new);
            try (PointerScope step = new PointerScope()) {
                drawNext(all, cache.prompts(ids));
            }
            for (List<CompletionSampler> open = open(all, cache); !open.isEmpty(); open = open(open, cache)) {
                try (PointerScope step = new PointerScope()) {
                    drawNext(
                            open,
                            cache.next(open.stream()
                                    .mapToInt(CompletionSampler::lastId)
                                    .toArray()));
                }
            }
        }
        return all.stream().map(CompletionSampler::finished).toList();
    }

    /** Draws the next token of each row. */
    private void drawNext(List<CompletionSampler> rows, TokenLayout layout) {
        Tensor logits = model.head().logits(model.hidden(layout));
        for (int row = 0; row < rows.size(); row++) {
            rows.get(row).take(Tensors.toDoubles(logits.select(0, row)));
        }
    }

    /** The unfinished rows; finished ones are dropped from the cache. */
    private static List<CompletionSampler> open(List<CompletionSampler> rows, KeyValueCache cache) {
        int[] open = IntStream.range(0, rows.size())
                .filter(row -> !rows.get(row).isOver())
                .toArray();
        if (open.length == rows.size() || open.length == 0) {
            return open.length == 0 ? List.of() : rows;
        }
        try (PointerScope scope = new PointerScope()) {
            cache.keep(open);
        }
        return IntStream.of(open).mapToObj(rows::get).toList();
    }

    private static int[] ids(Prompt prompt) {
        return prompt.ids().stream().mapToInt(Integer::intValue).toArray();
    }
}
