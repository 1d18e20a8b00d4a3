package dpo.data.source;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a person wants to know of the reading of a file, beside its counts.
 *
 * @param onBadRow the policy that also holds for rows which turn out bad in templating or tokenisation
 * @param firstDropped for each reason in {@link RowCounts#dropped} that is a fault of a row, the first such row and what
 *     is wrong with it
 * @param unread the columns that the reader did not read, with the number of rows in which they are not empty
 */
public record Reading(OnBadRow onBadRow, Map<String, String> firstDropped, Map<String, Integer> unread) {

    public Reading {
        firstDropped = Collections.unmodifiableMap(new LinkedHashMap<>(firstDropped));
        unread = Collections.unmodifiableMap(new LinkedHashMap<>(unread));
    }

    /** Of data that no file was read for: a bad row stops what reads it. */
    public static Reading none() {
        return new Reading(OnBadRow.FAIL, Collections.emptyMap(), Collections.emptyMap());
    }
}
