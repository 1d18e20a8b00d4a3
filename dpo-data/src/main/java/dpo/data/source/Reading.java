package dpo.data.source;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Details of the reading of a file, besides its counts.
 *
 * @param onBadRow the policy, which also applies to rows that the chat template or the tokenizer refuses
 * @param firstDropped for each reason in {@link RowCounts#dropped} that is an error of a row, the first such row with
 *     its error
 * @param unread the columns that the reader did not read, with the number of rows in which they are not empty
 */
public record Reading(OnBadRow onBadRow, Map<String, String> firstDropped, Map<String, Integer> unread) {

    public Reading {
        firstDropped = Collections.unmodifiableMap(new LinkedHashMap<>(firstDropped));
        unread = Collections.unmodifiableMap(new LinkedHashMap<>(unread));
    }

    /** Details of data without a file; the policy is {@link OnBadRow#FAIL}. */
    public static Reading none() {
        return new Reading(OnBadRow.FAIL, Collections.emptyMap(), Collections.emptyMap());
    }
}
