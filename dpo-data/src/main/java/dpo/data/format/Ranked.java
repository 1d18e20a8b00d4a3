package dpo.data.format;

import dpo.core.setting.Inlined;
import dpo.core.setting.Setting;
import dpo.data.example.PreferenceExample;
import dpo.data.row.Entries;
import dpo.data.row.Row;
import dpo.data.row.Rows;
import dpo.data.source.Dataset;
import dpo.data.source.Format;
import dpo.data.source.PreferenceSource;

/**
 * Several completions of a prompt: {@code prompt}, {@code completions}, and for each completion either a number in
 * {@code ratings}, higher is better, or a whole number in {@code ranks}, 1 is best. Texts are strings that no chat
 * template changes, or lists of messages; the first row decides which, and a row that differs is bad.
 *
 * <p>Completions are ordered best first, equally rated ones in the order of the row. A row whose ratings are all equal
 * has no preference and is bad. Without pairs a row is one example, and tied ranks are bad, because a ranking has no
 * ties. Pairs of a row are examples {@code row-7/1-2} with equal weights that sum to one, so that long lists do not
 * count more than short ones; a tied pair is always dropped, and counted as {@code tie}. {@code skip} and {@code limit}
 * count rows, so that the pairs of one prompt stay on one side of a split.
 *
 * @param rows the selected rows
 * @param pairs the pairs into which a list is divided
 */
@Format("ranked")
public record Ranked(
        @Inlined Rows rows,

        @Setting(
                about = "none (a list is one example) | all (every pair) | best (the best with each other one)",
                byDefault = "none")
        Pairs pairs)
        implements PreferenceSource {

    /** The pairs into which a list is divided. */
    public enum Pairs {
        /** None: it is one example. */
        NONE,
        /** Every completion with every worse one, K(K−1)/2 without ties. */
        ALL,
        /** The best one with every worse one, K−1 without ties. */
        BEST
    }

    @Override
    public Dataset<PreferenceExample> read() {
        TextShape shape = new TextShape();
        return Dataset.of(this, rows.read((row, entries) -> decode(row, entries, shape)));
    }

    private void decode(Row row, Entries<PreferenceExample> entries, TextShape shape) {
        RankedList list = RankedList.of(row, shape);
        switch (pairs) {
            case NONE -> entries.example(list::whole);
            case ALL -> list.pairs(list.scores().size() - 1, entries);
            case BEST -> list.pairs(1, entries);
        }
    }
}
