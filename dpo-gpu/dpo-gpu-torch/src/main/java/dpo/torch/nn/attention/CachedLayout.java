package dpo.torch.nn.attention;

import dpo.torch.layout.PackedRows;
import dpo.torch.layout.TokenLayout;
import dpo.torch.nn.ForwardContext;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Tokens whose attention writes and reads a key-value cache.
 *
 * @param tokens the tokens
 * @param kernel attention with the cache
 */
public record CachedLayout(TokenLayout tokens, Kernel kernel) implements TokenLayout {

    /** Attention of one layer. */
    @FunctionalInterface
    public interface Kernel {

        /** As {@link Attention#attendWithinRows}. */
        Tensor apply(Attention attention, ForwardContext context, Tensor queries, Tensor keys, Tensor values);
    }

    @Override
    public long[] ids() {
        return tokens.ids();
    }

    @Override
    public long[] positions() {
        return tokens.positions();
    }

    @Override
    public long[] predictors() {
        return tokens.predictors();
    }

    @Override
    public Optional<PackedRows> packed() {
        return tokens.packed();
    }
}
