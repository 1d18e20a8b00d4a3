package dpo.harness.store;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How JSON lines name what they say of each completion: the two sides of a pair by their names, others as one list. */
public final class CompletionKeys {

    /** Key of the list. */
    public static final String COMPLETIONS = "completions";

    /** Keys of the two sides, the preferred one first. */
    public static final List<String> SIDES = List.of("chosen", "rejected");

    private CompletionKeys() {}

    /** {@code {"chosen": …, "rejected": …}} of two values, {@code {"completions": […]}} of another number of them. */
    public static Map<String, Object> named(List<?> values) {
        return named(values, "", COMPLETIONS);
    }

    /**
     * As {@link #named(List)}, with other keys.
     *
     * @param suffix what the keys of the sides end with
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
