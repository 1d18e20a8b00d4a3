package dpo.harness.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Names of keys and values in snake_case, and suggestions for misspelt names. */
public final class Keys {

    /** Maximum number of known names that a message lists in full. */
    private static final int MANY = 60;

    private static final int MOST_NEAR = 3;

    private static final Pattern WORD_ENDS = Pattern.compile("([a-z0-9])([A-Z])");

    private Keys() {}

    /** {@code labelSmoothing} → {@code label_smoothing}. */
    public static String key(String componentName) {
        return WORD_ENDS.matcher(componentName).replaceAll("$1_$2").toLowerCase(Locale.ROOT);
    }

    /** The keys of a section. */
    static List<String> of(Class<? extends Record> section) {
        return Components.of(section).keys();
    }

    /** {@code KEEP_START} → {@code keep_start}. */
    static String value(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /**
     * A suggestion for a misspelt name: the nearest known name, if one is within a few edits, and all known names.
     * Where more than {@value #MANY} names are known, only the {@value #MOST_NEAR} nearest.
     */
    static String suggestion(String given, Collection<String> known) {
        List<String> near = known.stream()
                .filter(name -> Math.abs(given.length() - name.length()) <= farthest(name))
                .filter(name -> distance(given, name) <= farthest(name))
                .sorted(Comparator.comparingInt(name -> distance(given, name)))
                .limit(MOST_NEAR)
                .toList();
        if (known.size() > MANY) {
            return near.isEmpty() ? "" : ", did you mean " + String.join(" or ", near) + "?";
        }
        return (near.isEmpty() ? "" : ", did you mean " + near.get(0) + "?") + " (known: " + String.join(", ", known)
                + ")";
    }

    private static int farthest(String name) {
        return Math.max(2, name.length() / 3);
    }

    /** Levenshtein's edit distance. */
    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(substitution, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
