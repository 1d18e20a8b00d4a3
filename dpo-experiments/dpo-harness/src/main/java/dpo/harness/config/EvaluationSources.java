package dpo.harness.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The sources of held-out preferences.
 *
 * @param byName a source for each evaluation set, in order; the name of a single source without a name is empty
 */
public record EvaluationSources(Map<String, DataSource> byName) {

    /** The name of the part of the data that holds all evaluation sets. */
    private static final String PART = "evaluation";

    public EvaluationSources {
        byName = Collections.unmodifiableMap(new LinkedHashMap<>(byName));
    }

    /** The name of a set as a part of the data: {@code evaluation} or {@code evaluation.NAME}. */
    public static String part(String name) {
        return name.isEmpty() ? PART : PART + "." + name;
    }
}
