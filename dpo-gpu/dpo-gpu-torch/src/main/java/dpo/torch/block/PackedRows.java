package dpo.torch.block;

import dpo.core.logprob.TokenShape;
import dpo.core.sequence.TokenSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Sequences laid one after another without padding, in which a beginning that rows have in common stands once.
 *
 * <p>Each row adds one segment: the tokens by which it departs from the earlier row with which it shares most. In a
 * causal model the hidden states of a common beginning are the same in both rows, so they are computed once and their
 * gradient is the sum over the rows. For a preference pair that is the prompt.
 */
public final class PackedRows {

    private final TokenShape shape;
    private final List<Segment> segments = new ArrayList<>();
    private final List<List<Part>> paths = new ArrayList<>();
    private final long[] ids;
    private final long[] positions;
    private final long[] scoredIds;
    private final long[] scoredFrom;
    private boolean whole = true;
    private int packed;

    /**
     * The first tokens of a segment.
     *
     * @param segment index of the segment
     * @param tokens how many of its tokens, at least 1
     */
    public record Part(int segment, int tokens) {}

    /**
     * Consecutive packed tokens, and what stands before them in their row.
     *
     * @param start packed index of the first token
     * @param length number of tokens, at least 1
     * @param before what the tokens see beside themselves, in order
     */
    public record Segment(int start, int length, List<Part> before) {

        /** Number of tokens before the segment's first one in its row. */
        public int tokensBefore() {
            return before.stream().mapToInt(Part::tokens).sum();
        }

        /** Number of pairs of a query of the segment and a key in front of it or in the segment, masked ones included. */
        public long scores() {
            return (long) length * (tokensBefore() + length);
        }
    }

    private PackedRows(TokenShape shape, int total) {
        this.shape = shape;
        ids = new long[total];
        positions = new long[total];
        scoredIds = new long[shape.tokens()];
        scoredFrom = new long[shape.tokens()];
    }

    /** Lays out the rows of a batch. */
    public PackedRows(List<TokenSequence> rows) {
        this(TokenShape.of(rows), rows.stream().mapToInt(TokenSequence::length).sum());
        int[][] all = rows.stream().map(TokenSequence::ids).toArray(int[][]::new);
        for (int row = 0; row < all.length; row++) {
            append(all[row], longestBeginning(all, row));
            score(rows.get(row), row);
        }
    }

    /** Lays out prompts; what is predicted is the unknown token after each. */
    static PackedRows ofPrompts(int[][] prompts) {
        PackedRows packed = new PackedRows(
                oneTokenEach(prompts.length), Arrays.stream(prompts).mapToInt(prompt -> prompt.length).sum());
        for (int row = 0; row < prompts.length; row++) {
            packed.append(prompts[row], packed.longestBeginning(prompts, row));
            packed.scoredFrom[row] = packed.packedIndex(packed.paths.get(row), prompts[row].length - 1);
        }
        return packed;
    }

    /** One token of each row, alone: what stands before it is known elsewhere. What is predicted is the one after it. */
    static PackedRows ofSingles(int[] tokens, int[] positions) {
        PackedRows packed = new PackedRows(oneTokenEach(tokens.length), tokens.length);
        for (int row = 0; row < tokens.length; row++) {
            packed.append(new int[] {tokens[row]}, List.of());
            packed.positions[row] = positions[row];
            packed.scoredFrom[row] = row;
        }
        packed.whole = false;
        return packed;
    }

    private static TokenShape oneTokenEach(int rows) {
        int[][] turns = new int[rows][];
        Arrays.fill(turns, new int[] {1});
        return TokenShape.ofTurns(turns);
    }

    /** Rows, turns and lengths of the scored tokens. */
    public TokenShape shape() {
        return shape;
    }

    /**
     * The segments in packed order.
     *
     * @throws IllegalArgumentException where the rows are continued token by token, so that they do not tell what a
     *     token sees; {@link Attention} knows it
     */
    public List<Segment> segments() {
        if (!whole) {
            throw new IllegalArgumentException("samples must be asked of a model in which tokens see each other through"
                    + " dpo.torch.block.Attention alone, got one that asks for whole rows");
        }
        return segments;
    }

    /** Number of packed tokens. */
    public int tokens() {
        return packed;
    }

    /** Token ids, {@code [packed]}. */
    public long[] ids() {
        return Arrays.copyOf(ids, packed);
    }

    /** Position of each token in its row, {@code [packed]}. */
    public long[] positions() {
        return Arrays.copyOf(positions, packed);
    }

    /** Ids of the scored tokens, {@code [scored]} in the order of the {@link #shape()}. */
    public long[] scoredIds() {
        return scoredIds;
    }

    /** Packed index of the token before each scored token, whose hidden state predicts it, {@code [scored]}. */
    public long[] scoredFrom() {
        return scoredFrom;
    }

    /** Packed index of each token of a row. */
    long[] packedIndices(int row) {
        return paths.get(row).stream()
                .flatMapToLong(part -> {
                    int start = segments.get(part.segment()).start();
                    return LongStream.range(start, start + part.tokens());
                })
                .toArray();
    }

    /** The longest beginning of a row that an earlier row has too. */
    private List<Part> longestBeginning(int[][] all, int row) {
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
        return longest == 0 ? List.of() : beginning(paths.get(from), longest);
    }

    private void append(int[] row, List<Part> before) {
        List<Part> path = new ArrayList<>(before);
        int shared = before.stream().mapToInt(Part::tokens).sum();
        if (shared < row.length) {
            path.add(new Part(segments.size(), row.length - shared));
            segments.add(new Segment(packed, row.length - shared, before));
        }
        paths.add(path);
        for (int i = shared; i < row.length; i++) {
            ids[packed] = row[i];
            positions[packed] = i;
            packed++;
        }
    }

    private void score(TokenSequence sequence, int row) {
        int at = shape.start(row);
        for (TokenSequence.Span turn : sequence.turns()) {
            for (int position = turn.start(); position < turn.end(); position++) {
                scoredIds[at] = sequence.id(position);
                scoredFrom[at] = packedIndex(paths.get(row), position - 1);
                at++;
            }
        }
    }

    private long packedIndex(List<Part> path, int position) {
        int left = position;
        for (Part part : path) {
            if (left < part.tokens()) {
                return segments.get(part.segment()).start() + left;
            }
            left -= part.tokens();
        }
        throw new IndexOutOfBoundsException("position must be inside the row, got " + position);
    }

    private static List<Part> beginning(List<Part> path, int tokens) {
        List<Part> parts = new ArrayList<>();
        int left = tokens;
        for (Part part : path) {
            if (left > 0) {
                parts.add(new Part(part.segment(), Math.min(left, part.tokens())));
                left -= part.tokens();
            }
        }
        return List.copyOf(parts);
    }
}
