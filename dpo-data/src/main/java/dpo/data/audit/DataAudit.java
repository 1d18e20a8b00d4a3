package dpo.data.audit;

import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.source.PreferenceDataset;
import dpo.data.tokenization.PairTokenizer;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/**
 * What there is to know of a preference set before one trains on it. Lengths of texts are in characters (UTF-16 units).
 *
 * @param data the set
 * @param groups examples by preference source
 * @param turns examples by the number of scored turns of the longer side
 * @param prompt lengths of the prompts
 * @param chosen lengths of the chosen completions
 * @param rejected lengths of the rejected completions
 * @param chosenLonger share of examples whose chosen completion is the longer one; near 1, length alone tells the
 *     answer
 * @param equallyLong share of examples whose completions are equally long
 * @param prompts number of different prompts
 * @param repeated examples that occur before, with the same prompt, completions and group
 * @param contradicting examples whose opposite occurs before: the same prompt, completions exchanged, in any group
 * @param tokens what tokenisation makes of it, where a tokenizer was given
 */
public record DataAudit(
        PreferenceDataset data,
        SortedMap<String, Integer> groups,
        SortedMap<Integer, Integer> turns,
        Lengths prompt,
        Lengths chosen,
        Lengths rejected,
        double chosenLonger,
        double equallyLong,
        int prompts,
        int repeated,
        int contradicting,
        Optional<TokenAudit> tokens) {

    public DataAudit {
        groups = Collections.unmodifiableSortedMap(new TreeMap<>(groups));
        turns = Collections.unmodifiableSortedMap(new TreeMap<>(turns));
    }

    /** Looks at the texts of a set. */
    public static DataAudit of(PreferenceDataset data) {
        return of(data, Optional.empty());
    }

    /** Looks at the texts of a set and at their tokens; see {@link TokenAudit#of}. */
    public static DataAudit of(PreferenceDataset data, PairTokenizer tokenizer) {
        return of(data, Optional.of(TokenAudit.of(data, tokenizer)));
    }

    private static DataAudit of(PreferenceDataset data, Optional<TokenAudit> tokens) {
        List<PreferenceExample> examples = data.examples();
        SortedMap<String, Integer> groups = new TreeMap<>();
        SortedMap<Integer, Integer> turns = new TreeMap<>();
        Set<List<Object>> seen = new HashSet<>();
        Set<List<Object>> judged = new HashSet<>();
        int repeated = 0;
        int contradicting = 0;
        for (PreferenceExample example : examples) {
            groups.merge(example.group(), 1, Integer::sum);
            turns.merge(Math.max(turns(example.chosen()), turns(example.rejected())), 1, Integer::sum);
            List<Object> judgement = List.of(example.prompt(), example.chosen(), example.rejected());
            repeated += seen.add(List.of(example.group(), judgement)) ? 0 : 1;
            judged.add(judgement);
            contradicting += judged.contains(List.of(example.prompt(), example.rejected(), example.chosen())) ? 1 : 0;
        }
        return new DataAudit(data, groups, turns, lengths(examples, e -> e.prompt().length()),
                lengths(examples, e -> e.chosen().length()), lengths(examples, e -> e.rejected().length()),
                share(examples, 1), share(examples, 0),
                (int) examples.stream().map(PreferenceExample::prompt).distinct().count(), repeated, contradicting,
                tokens);
    }

    /** The audit as lines of text. */
    public String report() {
        StringBuilder lines = new StringBuilder();
        line(lines, "file", data.provenance().file() + " (SHA-256 " + data.provenance().sha256() + ")");
        line(lines, "entries", data.counts().toString());
        line(lines, "groups", groups.toString());
        line(lines, "scored turns", turns.toString());
        line(lines, "prompt characters", prompt.toString());
        line(lines, "chosen characters", chosen.toString());
        line(lines, "rejected characters", rejected.toString());
        line(lines, "chosen is longer", String.format(Locale.ROOT, "%.1f %%, equally long %.1f %%",
                100 * chosenLonger, 100 * equallyLong));
        line(lines, "prompts", prompts + " different");
        line(lines, "repeated pairs", Integer.toString(repeated));
        line(lines, "contradicting pairs", Integer.toString(contradicting));
        tokens.ifPresent(audit -> tokenLines(lines, audit));
        return lines.toString();
    }

    private static void tokenLines(StringBuilder lines, TokenAudit audit) {
        line(lines, "tokenised", audit.report().used() + " of " + audit.report().examples() + ", dropped "
                + (audit.report().dropped().isEmpty() ? "none" : audit.report().dropped()));
        line(lines, "truncated", Integer.toString(audit.report().truncated()));
        line(lines, "equal in tokens", Integer.toString(audit.report().indistinguishable()));
        line(lines, "chosen tokens", audit.chosen().toString());
        line(lines, "rejected tokens", audit.rejected().toString());
        line(lines, "spelled special tokens", audit.spelling().size()
                + (audit.spelling().isEmpty() ? "" : ", e.g. " + audit.spelling().get(0)));
        line(lines, "boundaries in doubt", Integer.toString(audit.report().disagreements()));
        audit.report().firstDisagreements().forEach(place -> line(lines, "  " + place.id(),
                "'" + place.alone() + "' becomes '" + place.within() + "' after " + place.shared() + " tokens"));
    }

    private static void line(StringBuilder lines, String name, String value) {
        lines.append(String.format(Locale.ROOT, "%-24s%s%n", name, value));
    }

    private static int turns(Text completion) {
        return completion instanceof Text.Conversation conversation ? conversation.turns() : 1;
    }

    private static Lengths lengths(List<PreferenceExample> examples, ToIntFunction<PreferenceExample> length) {
        return Lengths.of(examples.stream().mapToInt(length));
    }

    /** Share of examples of which chosen is longer (sign 1) or the two are equally long (sign 0). */
    private static double share(List<PreferenceExample> examples, int sign) {
        return examples.stream()
                .mapToInt(e -> Integer.signum(e.chosen().length() - e.rejected().length()))
                .filter(s -> s == sign)
                .count() / (double) examples.size();
    }
}
