package dpo.data.source;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What became of the entries of a file. An entry is one judgement: a row holds one, except where a format says that it
 * holds several. Always {@code read = used + skipped + Σ dropped}.
 *
 * @param read entries looked at, up to the row at which {@code limit} was reached
 * @param used entries that became examples
 * @param skipped entries before the first row selected, by {@code skip}
 * @param dropped entries left out, by reason, in the order in which the reasons first occurred
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

    /** For people: {@code 2312 read, 2303 used, 0 skipped, dropped: empty_completion 4, …}. */
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
