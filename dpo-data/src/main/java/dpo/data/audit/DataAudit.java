package dpo.data.audit;

import dpo.data.example.Excerpt;
import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.source.Dataset;
import dpo.data.tokenization.ExampleTokenizer;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Statistics of a preference set before training. Lengths of texts are in characters (UTF-16 units). Chosen is the best
 * completion of an example, or a single one labelled desirable; all others are rejected.
 *
 * @param data the set
 * @param repeating ids of the examples with a completion that repeats the preceding text at its beginning
 * @param groups examples by preference source
 * @param completions examples by their number of completions: 1 a label, 2 a pair
 * @param turns examples by the maximum number of scored turns of a completion
 * @param prompt lengths of the prompts
 * @param chosen lengths of the chosen completions, if any
 * @param rejected lengths of the rejected completions, if any
 * @param comparisons number of comparisons of one completion with a worse one of the same prompt: one per pair, up to
 *     K(K−1)/2 per list, none per label
 * @param chosenLonger share of comparisons whose better completion is the longer one; near 1, length alone predicts the
 *     preference; NaN without comparisons
 * @param equallyLong share of comparisons of equally long completions
 * @param prompts number of different prompts
 * @param repeated examples that occur before, with the same prompt, completions, labels and group
 * @param contradicting examples that contradict an earlier one, in any group: two completions of the same prompt in
 *     reverse order, or the other label
 * @param tokens statistics of the tokens, where a tokenizer was given
 */
public record DataAudit(
        Dataset<PreferenceExample> data,
        List<String> repeating,
        SortedMap<String, Integer> groups,
        SortedMap<Integer, Integer> completions,
        SortedMap<Integer, Integer> turns,
        Lengths prompt,
        Optional<Lengths> chosen,
        Optional<Lengths> rejected,
        int comparisons,
        double chosenLonger,
        double equallyLong,
        int prompts,
        int repeated,
        int contradicting,
        Optional<TokenAudit> tokens) {

    public DataAudit {
        repeating = List.copyOf(repeating);
        groups = Collections.unmodifiableSortedMap(new TreeMap<>(groups));
        completions = Collections.unmodifiableSortedMap(new TreeMap<>(completions));
        turns = Collections.unmodifiableSortedMap(new TreeMap<>(turns));
    }

    /** Computes the statistics of the texts of a set. */
    public static DataAudit of(Dataset<PreferenceExample> data) {
        return of(data, Optional.empty());
    }

    /** Computes the statistics of the texts of a set and of their tokens; see {@link TokenAudit#of}. */
    public static DataAudit of(Dataset<PreferenceExample> data, ExampleTokenizer tokenizer) {
        return of(data, Optional.of(TokenAudit.of(data, tokenizer)));
    }

    private static DataAudit of(Dataset<PreferenceExample> data, Optional<TokenAudit> tokens) {
        List<PreferenceExample> examples = data.examples();
        List<List<Comparison>> compared = examples.stream().map(Comparison::of).toList();
        List<Sides<Text>> sides = examples.stream()
                .map(example -> Sides.of(example.label(), example.completions()))
                .toList();
        int[] longer = compared.stream()
                .flatMap(List::stream)
                .flatMapToInt(Comparison::lengthSign)
                .toArray();
        return new DataAudit(
                data,
                RepeatedPrompts.of(examples),
                count(examples, PreferenceExample::group),
                count(examples, example -> example.completions().size()),
                count(examples, example -> example.completions().stream()
                        .mapToInt(DataAudit::turns)
                        .max()
                        .orElse(0)),
                Lengths.of(
                        examples.stream().mapToInt(example -> example.prompt().length())),
                Sides.lengths(sides, Sides::chosen, Text::length),
                Sides.lengths(sides, Sides::rejected, Text::length),
                longer.length,
                share(longer, 1),
                share(longer, 0),
                (int) examples.stream()
                        .map(PreferenceExample::prompt)
                        .distinct()
                        .count(),
                repeated(examples, compared),
                contradicting(compared),
                tokens);
    }

    /** The statistics as lines of text. */
    public String report() {
        StringBuilder lines = new StringBuilder();
        line(
                lines,
                "file",
                data.provenance().file() + " (SHA-256 " + data.provenance().sha256() + ")");
        line(lines, "entries", data.counts().toString());
        data.reading().firstDropped().forEach((reason, row) -> line(lines, "  " + reason, "first in " + row));
        line(
                lines,
                "columns not read",
                data.reading().unread().isEmpty() ? "none" : rows(data.reading().unread()));
        line(
                lines,
                "completions with prompt",
                repeating.size() + (repeating.isEmpty() ? "" : ", e.g. " + repeating.get(0)));
        line(lines, "groups", groups.toString());
        line(lines, "completions", completions.toString());
        line(lines, "scored turns", turns.toString());
        line(lines, "prompt characters", prompt.toString());
        line(lines, "chosen characters", range(chosen));
        line(lines, "rejected characters", range(rejected));
        if (comparisons > 0) {
            line(
                    lines,
                    "chosen is longer",
                    String.format(Locale.ROOT, "%.1f %%, equally long %.1f %%", 100 * chosenLonger, 100 * equallyLong));
        }
        line(lines, "prompts", prompts + " different");
        line(lines, "repeated examples", Integer.toString(repeated));
        line(lines, "contradicting examples", Integer.toString(contradicting));
        tokens.ifPresent(audit -> tokenLines(lines, audit));
        return lines.toString();
    }

    private static void tokenLines(StringBuilder lines, TokenAudit audit) {
        line(
                lines,
                "tokenized",
                audit.report().used() + " of " + audit.report().examples() + ", dropped "
                        + (audit.report().dropped().isEmpty()
                                ? "none"
                                : audit.report().dropped()));
        audit.report().firstDropped().forEach((reason, row) -> line(lines, "  " + reason, "first in " + row));
        line(lines, "truncated", Integer.toString(audit.report().truncated()));
        line(lines, "chosen tokens", range(audit.chosen()));
        line(lines, "rejected tokens", range(audit.rejected()));
        line(
                lines,
                "spelled special tokens",
                audit.spelling().size()
                        + (audit.spelling().isEmpty()
                                ? ""
                                : ", e.g. " + audit.spelling().get(0)));
        line(lines, "doubtful boundaries", Integer.toString(audit.report().disagreements()));
        audit.report()
                .firstDisagreements()
                .forEach(place -> line(
                        lines,
                        "  " + place.id(),
                        "'" + place.alone() + "' becomes '" + place.within() + "' after " + place.shared()
                                + " tokens"));
    }

    private static String range(Optional<Lengths> lengths) {
        return lengths.map(Lengths::toString).orElse("none");
    }

    private static void line(StringBuilder lines, String name, String value) {
        lines.append(String.format(Locale.ROOT, "%-24s%s\n", name, value));
    }

    private static String rows(Map<String, Integer> columns) {
        return columns.entrySet().stream()
                .map(column -> Excerpt.of(column.getKey()) + " (" + column.getValue() + ")")
                .collect(Collectors.joining(", "));
    }

    private static int turns(Text completion) {
        return completion instanceof Text.Conversation conversation ? conversation.turns() : 1;
    }

    private static <K> SortedMap<K, Integer> count(
            List<PreferenceExample> examples, Function<PreferenceExample, K> key) {
        SortedMap<K, Integer> counts = new TreeMap<>();
        examples.forEach(example -> counts.merge(key.apply(example), 1, Integer::sum));
        return counts;
    }

    private static double share(int[] signs, int sign) {
        return (double) IntStream.of(signs).filter(each -> each == sign).count() / signs.length;
    }

    private static int repeated(List<PreferenceExample> examples, List<List<Comparison>> compared) {
        Set<List<Object>> seen = new HashSet<>();
        for (int i = 0; i < examples.size(); i++) {
            PreferenceExample example = examples.get(i);
            seen.add(List.of(example.group(), example.prompt(), example.completions(), compared.get(i)));
        }
        return examples.size() - seen.size();
    }

    private static int contradicting(List<List<Comparison>> compared) {
        Set<Comparison> before = new HashSet<>();
        int contradicting = 0;
        for (List<Comparison> ofExample : compared) {
            contradicting += ofExample.stream().map(Comparison::opposite).anyMatch(before::contains) ? 1 : 0;
            before.addAll(ofExample);
        }
        return contradicting;
    }
}
