package dpo.experiments.config;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Names of keys and values: snake_case, and the nearest known name to a misspelt one. */
public final class Keys {

    /** More known names than these are not listed where one of them is near. */
    private static final int MANY = 60;

    private Keys() {}

    /** {@code labelSmoothing} → {@code label_smoothing}. */
    public static String key(String componentName) {
        return componentName.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }

    /** The keys of a section. */
    static List<String> of(Class<? extends Record> section) {
        return Arrays.stream(section.getRecordComponents())
                .map(component -> key(component.getName()))
                .toList();
    }

    /** {@code KEEP_START} → {@code keep_start}. */
    static String value(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** ", did you mean X?" for a known name within a few edits, then the list of the known. */
    static String suggestion(String given, Collection<String> known) {
        Optional<String> nearest = known.stream()
                .filter(name -> Math.abs(given.length() - name.length()) <= farthest(name))
                .filter(name -> distance(given, name) <= farthest(name))
                .min((a, b) -> Integer.compare(distance(given, a), distance(given, b)));
        String didYouMean = nearest.map(name -> ", did you mean " + name + "?").orElse("");
        return nearest.isPresent() && known.size() > MANY
                ? didYouMean
                : didYouMean + " (known: " + String.join(", ", known) + ")";
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
