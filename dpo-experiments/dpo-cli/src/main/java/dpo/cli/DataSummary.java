package dpo.cli;

import dpo.harness.sweep.PlannedRun;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Prints, before training, the examples used, dropped and truncated, and the settings without effect. */
final class DataSummary {

    private static final Set<String> COUNTS = Set.of("skipped", "truncated", "boundary disagreements");

    private DataSummary() {}

    /**
     * Prints one line per part of the data and one per setting without effect; lines that several runs share are
     * printed once.
     */
    static void print(List<PlannedRun> runs, Console console) {
        Set<String> lines = new LinkedHashSet<>();
        runs.forEach(run -> lines.addAll(lines(run.data().provenance())));
        runs.forEach(run -> lines.addAll(run.ineffectiveSettings()));
        lines.forEach(console::print);
    }

    /** One line per part of the data. */
    static List<String> lines(Map<String, Map<String, String>> provenance) {
        return provenance.entrySet().stream()
                .map(part -> line(part.getKey(), part.getValue()))
                .toList();
    }

    private static String line(String part, Map<String, String> provenance) {
        StringBuilder line = new StringBuilder("data.").append(part).append(':');
        if (provenance.containsKey("read")) {
            append(line, "read", provenance.get("read"));
        }
        // Tokenization may drop examples; data without text are not tokenized.
        append(line, "used", provenance.get(provenance.containsKey("tokenized") ? "tokenized" : "used"));
        new TreeMap<>(provenance).forEach((key, value) -> {
            boolean isCount = COUNTS.contains(key) || key.startsWith("dropped");
            if (isCount && !value.equals("0") && !value.equals("{}")) {
                append(line, key, value);
            }
        });
        return line.toString();
    }

    private static void append(StringBuilder line, String key, @Nullable String value) {
        line.append(line.charAt(line.length() - 1) == ':' ? " " : ", ")
                .append(key)
                .append(' ')
                .append(value);
    }
}
