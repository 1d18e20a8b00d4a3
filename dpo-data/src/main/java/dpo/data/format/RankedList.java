package dpo.data.format;

import dpo.core.sequence.Label;
import dpo.data.example.BadRowException;
import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.row.Entries;
import dpo.data.row.Row;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The sorted list of a row.
 *
 * @param example its completions, best first, tied ones in the order of the row; ratings if the row has them
 * @param scores the ratings of the completions or their negated ranks, not ascending
 */
record RankedList(PreferenceExample example, List<Double> scores) {

    private static final String RATINGS = "ratings";
    private static final String RANKS = "ranks";

    /** Reads the list of a row. */
    static RankedList of(Row row, TextShape shape) {
        Text prompt = shape.prompt(row);
        List<Text> completions = shape.completions(row, "completions");
        if (completions.size() < 2) {
            throw new BadRowException(
                    "too_few_completions", "completions must hold at least two, got " + completions.size());
        }
        boolean rated = isRated(row);
        List<Double> scores = scores(row, rated ? RATINGS : RANKS, completions.size());
        List<Integer> order = IntStream.range(0, scores.size())
                .boxed()
                .sorted(Comparator.comparing(scores::get, Comparator.reverseOrder()))
                .toList();
        List<Double> sorted = order.stream().map(scores::get).toList();
        return new RankedList(
                PreferenceExample.of(
                        row.id(), prompt, order.stream().map(completions::get).toList(), rated ? sorted : List.of()),
                sorted);
    }

    /** The list as one example; its order must be unique, so ranks, unlike ratings, cannot be tied. */
    PreferenceExample whole() {
        if (example.ratings().isEmpty() && scores.stream().distinct().count() < scores.size()) {
            throw new BadRowException(
                    "tied_ranks",
                    "ranks must differ unless the list is turned into pairs, got (best first) "
                            + scores.stream().map(score -> Math.round(-score)).toList());
        }
        return example;
    }

    /**
     * Adds the pairs of the first {@code firsts} completions with later ones, and drops ties. The weights of the pairs
     * are equal and sum to one.
     */
    void pairs(int firsts, Entries<PreferenceExample> entries) {
        List<int[]> all = IntStream.range(0, firsts)
                .boxed()
                .flatMap(i -> IntStream.range(i + 1, scores.size()).mapToObj(j -> new int[] {i, j}))
                .toList();
        List<int[]> used = all.stream()
                .filter(pair -> scores.get(pair[0]) > scores.get(pair[1]))
                .toList();
        used.forEach(pair -> entries.example(() -> pair(pair[0], pair[1], 1.0 / used.size())));
        IntStream.range(used.size(), all.size()).forEach(tie -> entries.drop("tie"));
    }

    private PreferenceExample pair(int better, int worse, double weight) {
        return new PreferenceExample(
                example.id() + "/" + (better + 1) + "-" + (worse + 1),
                example.prompt(),
                List.of(example.completions().get(better), example.completions().get(worse)),
                example.ratings().isEmpty() ? List.of() : List.of(scores.get(better), scores.get(worse)),
                Label.ONLY_GROUP,
                weight);
    }

    private static boolean isRated(Row row) {
        boolean rated = row.has(RATINGS);
        if (rated == row.has(RANKS)) {
            throw new BadRowException(
                    rated ? "unsupported_field" : "missing_field",
                    "either ratings or ranks must be given, got " + (rated ? "both" : "neither"));
        }
        return rated;
    }

    private static List<Double> scores(Row row, String field, int completions) {
        List<Double> scores = field.equals(RATINGS) ? row.reals(RATINGS) : negatedRanks(row);
        if (scores.size() != completions) {
            throw new BadRowException(
                    "wrong_length",
                    field + " must have one number per completion (" + completions + "), got " + scores.size());
        }
        double first = scores.get(0);
        if (scores.stream().allMatch(score -> score == first)) {
            throw new BadRowException("all_tied", field + " must not all be equal, got " + first + " throughout");
        }
        return scores;
    }

    private static List<Double> negatedRanks(Row row) {
        List<Double> ranks = row.reals(RANKS);
        for (double rank : ranks) {
            if (rank < 1 || rank != Math.rint(rank)) {
                throw new BadRowException("bad_rank", "ranks must be whole numbers, 1 the best, got " + rank);
            }
        }
        return ranks.stream().map(rank -> -rank).toList();
    }
}
