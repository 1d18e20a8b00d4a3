package dpo.data.source;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts of the entries of a file. An entry is one preference; a row has one, except in formats that document several.
 * Always {@code read = used + skipped + Σ dropped}.
 *
 * @param read entries read, up to the row that reached {@code limit}
 * @param used entries that became examples
 * @param skipped entries before the first selected row, by {@code skip}
 * @param dropped dropped entries by reason, in the order of first occurrence
 */
public record RowCounts(int read, int used, int skipped, Map<String, Integer> dropped) {

    public RowCounts {
        dropped = Collections.unmodifiableMap(new LinkedHashMap<>(dropped));
        int sum = dropped.values().stream().mapToInt(Integer::intValue).sum();
        if (read != used + skipped + sum) {
            throw new IllegalArgumentException("read must be used + skipped + dropped, got " + read + " = " + used
                    + " + " + skipped + " + " + dropped);
        }
    }

    /** A readable form: {@code 2312 read, 2303 used, 0 skipped, dropped: empty_completion 4, …}. */
    @Override
    public String toString() {
        String counts = read + " read, " + used + " used, " + skipped + " skipped";
        if (dropped.isEmpty()) {
            return counts + ", none dropped";
        }
        StringBuilder text = new StringBuilder(counts).append(", dropped:");
        String separator = " ";
        for (Map.Entry<String, Integer> reason : dropped.entrySet()) {
            text.append(separator).append(reason.getKey()).append(' ').append(reason.getValue());
            separator = ", ";
        }
        return text.toString();
    }
}
