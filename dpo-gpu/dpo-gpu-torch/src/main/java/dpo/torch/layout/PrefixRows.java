package dpo.torch.layout;

import dpo.core.sequence.TokenSequence;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Packed rows of which the hidden state of every prefix of the completion is of interest: after the prompt, and after
 * each scored token.
 *
 * @param rows the packed sequences, of one turn each
 * @param predictors packed index of the last token of each prefix, row after row
 */
public record PrefixRows(PackedRows rows, long[] predictors) implements TokenLayout {

    /**
     * The prefixes of sequences.
     *
     * @param rows the same sequences, packed
     * @throws IllegalArgumentException if a sequence has several turns
     */
    public static PrefixRows of(PackedRows rows, List<TokenSequence> sequences) {
        long[] predictors = IntStream.range(0, sequences.size())
                .boxed()
                .flatMapToLong(row -> {
                    TokenSequence.Span completion = completion(sequences.get(row), row);
                    long[] indices = rows.packedIndices(row);
                    return IntStream.range(completion.start() - 1, completion.end())
                            .mapToLong(position -> indices[position]);
                })
                .toArray();
        return new PrefixRows(rows, predictors);
    }

    private static TokenSequence.Span completion(TokenSequence sequence, int row) {
        if (sequence.turns().size() != 1) {
            throw new IllegalArgumentException("sequence of a scalar model must have one scored turn, got "
                    + sequence.turns().size() + " (row " + row + ")");
        }
        return sequence.turns().get(0);
    }

    @Override
    public long[] ids() {
        return rows.ids();
    }

    @Override
    public long[] positions() {
        return rows.positions();
    }

    @Override
    public Optional<PackedRows> packed() {
        return Optional.of(rows);
    }

    @Override
    public List<PrefixRows> parts(int most) {
        List<PackedRows> parts = rows.parts(most);
        return parts.size() == 1
                ? List.of(this)
                : parts.stream().map(part -> of(part, part.sequences())).toList();
    }

    /** Numbers of all prefixes, row after row, as one array per row. */
    public double[][] byRows(double[] values) {
        double[][] byRows = new double[rows.shape().rows()][];
        int at = 0;
        for (int row = 0; row < byRows.length; row++) {
            byRows[row] = new double[rows.shape().tokens(row) + 1];
            System.arraycopy(values, at, byRows[row], 0, byRows[row].length);
            at += byRows[row].length;
        }
        return byRows;
    }
}
