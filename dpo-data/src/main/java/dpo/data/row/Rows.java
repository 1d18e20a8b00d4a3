package dpo.data.row;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.data.source.OnBadRow;
import dpo.data.source.PreferenceSource;
import dpo.data.source.Selection;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/**
 * The selection of rows from a file and the policy on bad ones: the settings that all file formats share.
 *
 * <p>{@code skip} and {@code limit} count usable rows, those with at least one example. So {@code skip: 0, limit: 256}
 * and {@code skip: 256, limit: 128} are disjoint, whichever rows are bad. Rows after the one that reaches the limit are
 * not decoded, but the file is read to its end, for its checksum and to detect an incomplete file.
 *
 * @param path the file; a name ending in {@code .gz} is read as gzip
 * @param skip usable rows before the first selected one; at least 0
 * @param limit maximum number of usable rows, at least 1; empty for all
 * @param onBadRow the policy on a row that cannot be an example
 */
public record Rows(
        @Setting(about = "the file: JSON Lines or one JSON array, plain or .gz")
        Path path,

        @Setting(about = "number of usable rows to skip, at least 0", byDefault = "0")
        int skip,

        @Setting(about = "maximum number of usable rows, at least 1; all if absent")
        Optional<Integer> limit,

        @Setting(
                about = "policy on a row that cannot be an example: fail (stop) | skip (drop and count)",
                byDefault = "fail")
        OnBadRow onBadRow) {

    public Rows {
        Requirement.atLeast("skip", skip, 0);
        limit.ifPresent(rows -> Requirement.atLeast("limit", rows, 1));
    }

    /** All rows of a file, where a bad row is an error. */
    public static Rows of(Path path) {
        return new Rows(path, 0, Optional.empty(), OnBadRow.FAIL);
    }

    /** This selection with another limit, in usable rows. */
    public Rows limitedTo(int rows) {
        return new Rows(path, skip, Optional.of(rows), onBadRow);
    }

    /**
     * Reads a file in UTF-8: JSON Lines, an object on each line, or one JSON array of objects. Blank lines are not
     * rows, but count as lines. A row with an unread column whose name belongs to the prompt is bad, unless the column
     * is empty or repeats a part of the prompt. Broken JSON in an array is always an error, because the beginning of
     * the next row is unknown.
     *
     * @throws dpo.data.DataException as {@link PreferenceSource#read()}, and if no usable row remains
     */
    public <E> Selection<E> read(RowDecoder<E> decoder) {
        RowCollector<E> collector = new RowCollector<>(this, decoder);
        String sha256 = SourceFile.read(path, stream -> new JsonRows(path, stream).forEachUntil(collector::take));
        return collector.selection(sha256);
    }

    /**
     * Reads a file with one example per row.
     *
     * @throws dpo.data.DataException as {@link #read}
     */
    public <E> Selection<E> examples(Function<Row, E> example) {
        return read((row, entries) -> entries.example(() -> example.apply(row)));
    }
}
