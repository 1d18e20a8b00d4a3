package dpo.torch.nn.attention;

import dpo.torch.nn.ForwardContext;
import dpo.torch.nn.Projection;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/** The projections of a layer's input to queries, keys and values. */
public interface QueryKeyValue {

    /**
     * Queries, keys and values of all tokens.
     *
     * @param queries {@code [packed, heads, d]}
     * @param keys {@code [packed, groups, d]}
     * @param values {@code [packed, groups, d]}
     */
    record Vectors(Tensor queries, Tensor keys, Tensor values) {

        /** Rows with the vectors of all heads, head by head. */
        static Vectors ofRows(Tensor queries, Tensor keys, Tensor values, Heads heads) {
            return new Vectors(
                    queries.view(-1, heads.queries(), heads.size()),
                    keys.view(-1, heads.keyValues(), heads.size()),
                    values.view(-1, heads.keyValues(), heads.size()));
        }
    }

    /** The projections. */
    Stream<Projection> projections();

    /** Queries, keys and values of normalized inputs {@code [packed, hidden]}. */
    Vectors apply(Tensor input, Heads heads, ForwardContext context);

    /** One projection for each. */
    record Separate(Projection query, Projection key, Projection value) implements QueryKeyValue {

        @Override
        public Stream<Projection> projections() {
            return Stream.of(query, key, value);
        }

        @Override
        public Vectors apply(Tensor input, Heads heads, ForwardContext context) {
            return Vectors.ofRows(
                    context.project(query, input), context.project(key, input), context.project(value, input), heads);
        }
    }

    /** One projection: all queries, then all keys, then all values. */
    record Stacked(Projection all) implements QueryKeyValue {

        @Override
        public Stream<Projection> projections() {
            return Stream.of(all);
        }

        @Override
        public Vectors apply(Tensor input, Heads heads, ForwardContext context) {
            long[] widths = {heads.queryWidth(), heads.keyValueWidth(), heads.keyValueWidth()};
            TensorVector parts = context.project(all, input).split_with_sizes(widths, 1);
            return Vectors.ofRows(parts.get(0), parts.get(1), parts.get(2), heads);
        }
    }

    /** One projection, head by head: query, key and value of the first head, of the second one, and so on. */
    record Interleaved(Projection all) implements QueryKeyValue {

        @Override
        public Stream<Projection> projections() {
            return Stream.of(all);
        }

        @Override
        public Vectors apply(Tensor input, Heads heads, ForwardContext context) {
            TensorVector parts = context.project(all, input)
                    .view(-1, heads.queries(), 3L * heads.size())
                    .chunk(3, -1);
            return new Vectors(parts.get(0), parts.get(1), parts.get(2));
        }
    }
}
