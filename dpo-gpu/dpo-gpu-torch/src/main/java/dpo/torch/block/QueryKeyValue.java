package dpo.torch.block;

import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/** How queries, keys and values come out of a layer's input. */
public interface QueryKeyValue {

    /**
     * The vectors of all tokens.
     *
     * @param queries {@code [packed, heads, d]}
     * @param keys {@code [packed, groups, d]}
     * @param values {@code [packed, groups, d]}
     */
    record Vectors(Tensor queries, Tensor keys, Tensor values) {}

    /** The projections. */
    Stream<Projection> projections();

    /** The vectors of normalised inputs {@code [packed, hidden]}. */
    Vectors apply(Tensor input, Heads heads, Weights weights);

    /** A projection each. */
    record Separate(Projection query, Projection key, Projection value) implements QueryKeyValue {

        @Override
        public Stream<Projection> projections() {
            return Stream.of(query, key, value);
        }

        @Override
        public Vectors apply(Tensor input, Heads heads, Weights weights) {
            return new Vectors(
                    query.apply(input, weights).view(-1, heads.queries(), heads.size()),
                    key.apply(input, weights).view(-1, heads.keyValues(), heads.size()),
                    value.apply(input, weights).view(-1, heads.keyValues(), heads.size()));
        }
    }

    /** One projection: all queries, then all keys, then all values. */
    record Stacked(Projection all) implements QueryKeyValue {

        @Override
        public Stream<Projection> projections() {
            return Stream.of(all);
        }

        @Override
        public Vectors apply(Tensor input, Heads heads, Weights weights) {
            long[] widths = {heads.queryWidth(), heads.keyValueWidth(), heads.keyValueWidth()};
            TensorVector parts = all.apply(input, weights).split_with_sizes(widths, 1);
            return new Vectors(
                    parts.get(0).view(-1, heads.queries(), heads.size()),
                    parts.get(1).view(-1, heads.keyValues(), heads.size()),
                    parts.get(2).view(-1, heads.keyValues(), heads.size()));
        }
    }

    /** One projection, head by head: query, key and value of the first head, of the second one, and so on. */
    record Interleaved(Projection all) implements QueryKeyValue {

        @Override
        public Stream<Projection> projections() {
            return Stream.of(all);
        }

        @Override
        public Vectors apply(Tensor input, Heads heads, Weights weights) {
            TensorVector parts = all.apply(input, weights)
                    .view(-1, heads.queries(), 3L * heads.size())
                    .chunk(3, -1);
            return new Vectors(parts.get(0), parts.get(1), parts.get(2));
        }
    }
}
