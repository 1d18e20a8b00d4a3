package dpo.harness.store;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The JSON keys of values per completion: one key for each side of a pair, one list for any other number. */
public final class CompletionKeys {

    /** Key of the list. */
    public static final String COMPLETIONS = "completions";

    /** Keys of the two sides, the preferred one first. */
    public static final List<String> SIDES = List.of("chosen", "rejected");

    private CompletionKeys() {}

    /** {@code {"chosen": …, "rejected": …}} for two values, {@code {"completions": […]}} for any other number. */
    public static Map<String, Object> named(List<?> values) {
        return named(values, "", COMPLETIONS);
    }

    /**
     * Like {@link #named(List)}, with other keys.
     *
     * @param suffix suffix of the keys of the sides
     * @param list key of the list
     */
    public static Map<String, Object> named(List<?> values, String suffix, String list) {
        Map<String, Object> named = new LinkedHashMap<>();
        if (values.size() == SIDES.size()) {
            for (int i = 0; i < SIDES.size(); i++) {
                named.put(SIDES.get(i) + suffix, values.get(i));
            }
        } else {
            named.put(list, values);
        }
        return named;
    }
}
