package dpo.torch;

import dpo.core.sampling.Continuation;
import dpo.core.sampling.Continuing;
import dpo.core.sampling.Prompt;
import dpo.core.sampling.Sampling;
import dpo.torch.block.KeyValueCache;
import dpo.torch.block.Pass;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Continuations of prompts, token by token: one pass over the prompts, packed as in training, then one over a token a
 * row and step. A row that is over is let go. Tokens are drawn in doubles from the logits of each row.
 */
@SuppressWarnings("try") // scopes are opened and closed, not used
final class Generation {

    private final Network network;
    private final Sampling settings;
    private final Set<Integer> endIds;
    private final int maxLength;

    Generation(Network network, Sampling settings, Set<Integer> endIds, int maxLength) {
        this.network = network;
        this.settings = settings;
        this.endIds = endIds;
        this.maxLength = maxLength;
    }

    /** A continuation of each of some prompts, at least one, each of which the model can continue. */
    List<Continuation> continued(List<Prompt> prompts) {
        List<Continuing> all = prompts.stream()
                .map(prompt -> new Continuing(prompt, settings, endIds, maxLength))
                .toList();
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard();
                KeyValueCache cache = new KeyValueCache(network.weights().outsideGraph())) {
            int[][] ids = prompts.stream().map(Generation::ids).toArray(int[][]::new);
            step(all, () -> cache.prompts(ids));
            for (List<Continuing> open = left(all, cache); !open.isEmpty(); open = left(open, cache)) {
                int[] last = open.stream().mapToInt(Continuing::lastId).toArray();
                step(open, () -> cache.next(last));
            }
        }
        return all.stream().map(Continuing::finished).toList();
    }

    /** Draws the token that a pass predicts, for each row. */
    private void step(List<Continuing> rows, Supplier<Pass> begin) {
        try (PointerScope scope = new PointerScope();
                Pass pass = begin.get()) {
            Tensor ids = network.machine().device().place(Tensor.create(pass.rows().ids()));
            Tensor hidden = new Decoder(network.architecture(), pass).hidden(network.embed(ids));
            Tensor logits = network.head().logits(hidden);
            for (int row = 0; row < rows.size(); row++) {
                rows.get(row).take(Tensors.toDoubles(logits.select(0, row)));
            }
        }
    }

    /** The rows that are not over, with nothing else left in the cache. */
    private static List<Continuing> left(List<Continuing> rows, KeyValueCache cache) {
        int[] left = IntStream.range(0, rows.size()).filter(row -> !rows.get(row).isOver()).toArray();
        if (left.length == rows.size() || left.length == 0) {
            return left.length == 0 ? List.of() : rows;
        }
        try (PointerScope scope = new PointerScope()) {
            cache.keep(left);
        }
        return IntStream.of(left).mapToObj(rows::get).toList();
    }

    private static int[] ids(Prompt prompt) {
        return prompt.ids().stream().mapToInt(Integer::intValue).toArray();
    }
}
