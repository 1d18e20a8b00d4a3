package dpo.torch.block;

import dpo.torch.block.Runs.Run;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The same as {@link CausalAttention} by few large operations: one of libtorch's tiled kernels for all rows of a run,
 * whose mask says who sees whom. It multiplies more zeros, and keeps no softmax; for a device on which an operation
 * costs its launch.
 */
final class MaskedAttention {

    /** Tokens of a run: the mask has their square, and so has the work. */
    private static final int MOST_TOKENS = 4096;

    private final Attention settings;
    private final Pass pass;

    MaskedAttention(Attention settings, Pass pass) {
        this.settings = settings;
        this.pass = pass;
    }

    /** Whether the kernel can compute an attention. */
    static boolean canCompute(Attention settings) {
        return settings.softCap().isEmpty();
    }

    /**
     * Attention of all rows.
     *
     * @param queries {@code [packed, heads, d]}
     * @param keys {@code [packed, groups, d]}
     * @param values {@code [packed, groups, d]}
     * @return {@code [packed, heads · d]}
     */
    Tensor apply(Tensor queries, Tensor keys, Tensor values) {
        List<Run> runs = Runs.of(pass.rows().segments(), MOST_TOKENS);
        TensorVector attended = new TensorVector();
        for (Run run : runs) {
            attended.push_back(attend(run, queries, keys, values));
        }
        Tensor all = attended.size() == 1 ? new Tensor(attended.get(0)) : torch.cat(attended, 0);
        return all.reshape(queries.size(0), queries.size(1) * queries.size(2));
    }

    private Tensor attend(Run run, Tensor queries, Tensor keys, Tensor values) {
        Tensor mask = pass.mask(run, settings.window());
        long start = pass.rows().segments().get(run.first()).start();
        long length = mask.size(0);
        Tensor attended = torch.scaled_dot_product_attention(
                heads(queries.narrow(0, start, length)), shared(keys.narrow(0, start, length)),
                shared(values.narrow(0, start, length)), new TensorOptional(mask), 0.0, false,
                new DoubleOptional(settings.scale()), false);
        return attended.squeeze(0).transpose(0, 1);
    }

    /** {@code [length, heads, d]} as {@code [1, heads, length, d]}. */
    private static Tensor heads(Tensor vectors) {
        return vectors.transpose(0, 1).unsqueeze(0);
    }

    /** Keys or values repeated for the heads that share them. */
    private Tensor shared(Tensor vectors) {
        int copies = settings.heads().inGroup();
        return heads(vectors.unsqueeze(2)
                .expand(vectors.size(0), vectors.size(1), copies, vectors.size(2))
                .reshape(vectors.size(0), vectors.size(1) * copies, vectors.size(2)));
    }
}
