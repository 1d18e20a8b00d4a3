package dpo.torch.layout;

import dpo.core.logprob.TokenShape;
import dpo.core.sequence.TokenSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Sequences packed one after another without padding, where a prefix that rows share is stored once.
 *
 * <p>Each row adds one segment: the tokens after the longest prefix that it shares with an earlier row. In a causal
 * model the hidden states of a shared prefix are the same in both rows, so they are computed once, and their gradient
 * is the sum over the rows. For a preference pair the shared prefix is the prompt.
 */
public final class PackedRows implements TokenLayout {

    /** Parts may store a quarter more tokens than the whole. */
    private static final int MOST_REPEATED = 4;

    private final List<TokenSequence> sequences;
    private final TokenShape shape;
    private final List<Segment> segments = new ArrayList<>();
    private final List<List<Prefix>> paths = new ArrayList<>();

    /** Number of packed tokens up to the end of each row. */
    private final int[] ends;

    private final long[] ids;
    private final long[] positions;
    private final long[] scoredIds;
    private final long[] predictors;
    private int tokens;

    /**
     * The first tokens of a segment.
     *
     * @param segment index of the segment
     * @param tokens number of tokens, at least 1
     */
    public record Prefix(int segment, int tokens) {}

    /**
     * Consecutive packed tokens, and the tokens before them in their row.
     *
     * @param start packed index of the first token
     * @param length number of tokens, at least 1
     * @param before the earlier tokens of the row, in order
     */
    public record Segment(int start, int length, List<Prefix> before) {

        /** Number of tokens before the segment in its row. */
        public int tokensBefore() {
            return before.stream().mapToInt(Prefix::tokens).sum();
        }

        /** Number of keys that its last token attends to: those before it, and its own. */
        public int seen() {
            return tokensBefore() + length;
        }

        /** Number of attention scores of one head: queries of the segment times visible keys, masked ones included. */
        public long scores() {
            return (long) length * seen();
        }
    }

    private PackedRows(List<TokenSequence> sequences, TokenShape shape, int total) {
        this.sequences = List.copyOf(sequences);
        this.shape = shape;
        ends = new int[shape.rows()];
        ids = new long[total];
        positions = new long[total];
        scoredIds = new long[shape.tokens()];
        predictors = new long[shape.tokens()];
    }

    /** Packs the rows of a batch. */
    public PackedRows(List<TokenSequence> rows) {
        this(
                rows,
                TokenShape.of(rows),
                rows.stream().mapToInt(TokenSequence::length).sum());
        int[][] all = rows.stream().map(TokenSequence::ids).toArray(int[][]::new);
        for (int row = 0; row < all.length; row++) {
            append(all[row], longestPrefix(all, row));
            ends[row] = tokens;
            score(rows.get(row), row);
        }
    }

    /** Packs prompts; the last token of each predicts the unknown token after it. */
    public static PackedRows ofPrompts(int[][] prompts) {
        PackedRows packed = new PackedRows(
                List.of(),
                TokenShape.ofTurns(
                        Collections.nCopies(prompts.length, new int[] {1}).toArray(int[][]::new)),
                Arrays.stream(prompts).mapToInt(prompt -> prompt.length).sum());
        for (int row = 0; row < prompts.length; row++) {
            packed.append(prompts[row], packed.longestPrefix(prompts, row));
            packed.predictors[row] = packed.packedIndex(packed.paths.get(row), prompts[row].length - 1);
        }
        return packed;
    }

    /** The shape of the scored tokens: rows, turns and numbers of tokens. */
    public TokenShape shape() {
        return shape;
    }

    /** The segments in packed order. */
    public List<Segment> segments() {
        return segments;
    }

    @Override
    public Optional<PackedRows> packed() {
        return Optional.of(this);
    }

    /** The rows; none if they are prompts. */
    List<TokenSequence> sequences() {
        return sequences;
    }

    /** Consecutive rows each; a prefix that rows of several parts share is stored in each of them. */
    @Override
    public List<PackedRows> parts(int most) {
        int[] cuts = IntStream.concat(
                        IntStream.range(1, most).map(part -> cut((long) tokens * part / most)),
                        IntStream.of(sequences.size()))
                .filter(row -> row > 0)
                .distinct()
                .toArray();
        if (cuts.length < 2) {
            return List.of(this);
        }
        List<PackedRows> parts = IntStream.range(0, cuts.length)
                .mapToObj(part -> new PackedRows(sequences.subList(part == 0 ? 0 : cuts[part - 1], cuts[part])))
                .toList();
        return parts.stream().mapToInt(PackedRows::tokens).sum() <= tokens + tokens / MOST_REPEATED
                ? parts
                : List.of(this);
    }

    /** Number of packed tokens. */
    public int tokens() {
        return tokens;
    }

    @Override
    public long[] ids() {
        return Arrays.copyOf(ids, tokens);
    }

    @Override
    public long[] positions() {
        return Arrays.copyOf(positions, tokens);
    }

    /** Ids of the scored tokens, {@code [scored]} in the order of the {@link #shape()}. */
    public long[] scoredIds() {
        return scoredIds;
    }

    /** Packed index of the token before each scored token, {@code [scored]}. */
    @Override
    public long[] predictors() {
        return predictors;
    }

    /** The row before which to cut: near a packed token, and where a row shares few tokens with those before it. */
    private int cut(long token) {
        int best = 0;
        long least = token;
        for (int row = 1; row < sequences.size(); row++) {
            int shared = sequences.get(row).length() - (ends[row] - ends[row - 1]);
            long cost = Math.abs(ends[row - 1] - token) + shared;
            if (cost < least) {
                least = cost;
                best = row;
            }
        }
        return best;
    }

    /** Packed index of each token of a row. */
    public long[] packedIndices(int row) {
        return paths.get(row).stream()
                .flatMapToLong(part -> {
                    int start = segments.get(part.segment()).start();
                    return LongStream.range(start, start + part.tokens());
                })
                .toArray();
    }

    /** The longest prefix that a row shares with an earlier row. */
    private List<Prefix> longestPrefix(int[][] all, int row) {
        int longest = 0;
        int from = 0;
        for (int earlier = 0; earlier < row; earlier++) {
            int mismatch = Arrays.mismatch(all[row], all[earlier]);
            int common = mismatch < 0 ? all[row].length : mismatch;
            if (common > longest) {
                longest = common;
                from = earlier;
            }
        }
        return longest == 0 ? List.of() : prefix(paths.get(from), longest);
    }

    private void append(int[] row, List<Prefix> before) {
        List<Prefix> path = new ArrayList<>(before);
        int shared = before.stream().mapToInt(Prefix::tokens).sum();
        if (shared < row.length) {
            path.add(new Prefix(segments.size(), row.length - shared));
            segments.add(new Segment(tokens, row.length - shared, before));
        }
        paths.add(path);
        for (int i = shared; i < row.length; i++) {
            ids[tokens] = row[i];
            positions[tokens] = i;
            tokens++;
        }
    }

    private void score(TokenSequence sequence, int row) {
        int at = shape.start(row);
        for (TokenSequence.Span turn : sequence.turns()) {
            for (int position = turn.start(); position < turn.end(); position++) {
                scoredIds[at] = sequence.id(position);
                predictors[at] = packedIndex(paths.get(row), position - 1);
                at++;
            }
        }
    }

    private long packedIndex(List<Prefix> path, int position) {
        int left = position;
        for (Prefix part : path) {
            if (left < part.tokens()) {
                return (long) segments.get(part.segment()).start() + left;
            }
            left -= part.tokens();
        }
        throw new IndexOutOfBoundsException("position must be inside the row, got " + position);
    }

    private static List<Prefix> prefix(List<Prefix> path, int length) {
        List<Prefix> parts = new ArrayList<>();
        int left = length;
        for (Prefix part : path) {
            if (left > 0) {
                parts.add(new Prefix(part.segment(), Math.min(left, part.tokens())));
                left -= part.tokens();
            }
        }
        return List.copyOf(parts);
    }
}
