package dpo.data.source;

import dpo.core.setting.Requirement;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which rows of a file are read, and what happens at bad ones: the keys that every file format has.
 *
 * <p>{@code skip} and {@code limit} count usable rows, those that give at least one example, so that
 * {@code skip: 0, limit: 256} and {@code skip: 256, limit: 128} are disjoint whatever lies in between. Rows after the
 * one that reaches the limit are not decoded; the file is read to its end all the same, for its checksum and so that a
 * file cut short is noticed.
 *
 * @param path the file; a name ending in {@code .gz} is read as gzip
 * @param skip usable rows to leave out before the first one taken; at least 0
 * @param limit usable rows to take at most; at least 1; empty for all
 * @param onBadRow what happens at a row that cannot be an example
 */
public record Rows(Path path, int skip, Optional<Integer> limit, OnBadRow onBadRow) {

    public Rows {
        Requirement.atLeast("skip", skip, 0);
        limit.ifPresent(rows -> Requirement.atLeast("limit", rows, 1));
    }

    /**
     * Reads a file: JSON Lines, an object on each line, or one JSON array of objects; UTF-8. Blank lines are no rows,
     * though they count as lines. A row with an unread column that belongs to the prompt by its name is bad, unless the
     * column is empty or repeats a part of the prompt. Broken JSON in an array stops the reading whatever the policy,
     * since nobody knows where the next row begins.
     *
     * @throws dpo.data.DataException as {@link PreferenceSource#read()}, and where no usable row is left
     */
    public <E> Selection<E> read(RowDecoder<E> decoder) {
        RowCollector<E> collector = new RowCollector<>(this, decoder);
        String sha256 =
                SourceFile.read(path, stream -> new JsonRows(path, stream).forEachUntil(collector::take));
        return collector.selection(sha256);
    }
}
