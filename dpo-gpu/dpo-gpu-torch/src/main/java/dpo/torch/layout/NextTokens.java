package dpo.torch.layout;

import java.util.Optional;
import java.util.stream.LongStream;

/**
 * One token per sequence, in generation: the earlier tokens are in a key-value cache. Each token predicts the next one.
 *
 * @param ids the tokens
 * @param positions position of each token in its sequence
 */
public record NextTokens(long[] ids, long[] positions) implements TokenLayout {

    @Override
    public long[] predictors() {
        return LongStream.range(0, ids.length).toArray();
    }

    @Override
    public Optional<PackedRows> packed() {
        return Optional.empty();
    }
}
