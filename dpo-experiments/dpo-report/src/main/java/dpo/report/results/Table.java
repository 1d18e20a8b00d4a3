package dpo.report.results;

import dpo.harness.config.SettingValue;
import dpo.statistics.Interval;
import dpo.statistics.IntervalKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A table: named columns and rows of cells, and how they are printed for people.
 *
 * @param columns the columns' names
 * @param rows {@code [row][column]}; a cell is a Number, a Boolean, a String, or null for a missing value
 * @param settings columns of swept settings, whose numbers are printed with all their digits
 * @param caption what the numbers are, in the formats for people; may be empty
 * @param style how the table is printed for people
 */
public record Table(
        List<String> columns,
        List<List<@Nullable Object>> rows,
        Set<String> settings,
        String caption,
        TableStyle style) {

    /** The suffix of the name of a column of means. */
    public static final String MEAN = " mean";

    /** The suffix of the name of a column of geometric means. */
    public static final String GEOMETRIC_MEAN = " geomean";

    /** The suffix of the name of a column of interquartile means. */
    public static final String INTERQUARTILE_MEAN = " iqm";

    /** The suffix of the name of a column of sample standard deviations. */
    public static final String SD = " sd";

    private static final String LOW = " low";
    private static final String HIGH = " high";

    /** A table without columns of settings. */
    public Table(List<String> columns, List<List<@Nullable Object>> rows) {
        this(columns, rows, Set.of(), "");
    }

    /** A table in the standard style. */
    public Table(List<String> columns, List<List<@Nullable Object>> rows, Set<String> settings, String caption) {
        this(columns, rows, settings, caption, TableStyle.STANDARD);
    }

    public Table {
        columns = List.copyOf(columns);
        settings = Collections.unmodifiableSet(new LinkedHashSet<>(settings));
        rows = List.copyOf(rows);
        for (List<@Nullable Object> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(
                        "row must have " + columns.size() + " cells, got " + row.size() + " (Table)");
            }
        }
    }

    /** This table with the columns of these names as settings. */
    Table withSettings(Collection<String> names) {
        Set<String> known = new LinkedHashSet<>(names);
        known.retainAll(columns);
        return new Table(columns, rows, known, caption, style);
    }

    /**
     * This table with the columns of these names as settings, whose cells are values as in {@link Run#settings}. Values of
     * several kinds in one column become texts. A section that is null in some rows and has keys in the others is shown by
     * its keys alone, which are null in the former.
     */
    Table withLevels(List<String> names) {
        Optional<String> section = names.stream().filter(this::isNullSection).findFirst();
        if (section.isPresent()) {
            List<String> others = new ArrayList<>(names);
            others.remove(section.get());
            return withoutNullSection(section.get()).withLevels(others);
        }
        List<List<@Nullable Object>> cells = new ArrayList<>();
        rows.forEach(row -> cells.add(new ArrayList<>(row)));
        for (String name : names) {
            int at = columns.indexOf(name);
            boolean areTyped = Stream.of(Number.class, Boolean.class).anyMatch(type -> rows.stream()
                    .map(row -> row.get(at))
                    .allMatch(value -> value == null || type.isInstance(value)));
            if (!areTyped) {
                cells.forEach(row -> row.set(
                        at,
                        row.get(at) == null
                                ? null
                                : SettingValue.of(row.get(at)).text()));
            }
        }
        return new Table(columns, cells, Set.of(), caption, style).withSettings(names);
    }

    private boolean isNullSection(String name) {
        int at = columns.indexOf(name);
        return columns.stream().anyMatch(other -> other.startsWith(name + "."))
                && rows.stream()
                        .map(row -> row.get(at))
                        .allMatch(cell -> cell == null || SettingValue.NULL.equals(cell));
    }

    private Table withoutNullSection(String name) {
        int at = columns.indexOf(name);
        List<List<@Nullable Object>> cells = new ArrayList<>();
        for (List<@Nullable Object> row : rows) {
            List<@Nullable Object> cut = new ArrayList<>(row);
            for (int i = 0; i < columns.size(); i++) {
                if (row.get(at) != null && columns.get(i).startsWith(name + ".")) {
                    cut.set(i, SettingValue.NULL);
                }
            }
            cut.remove(at);
            cells.add(cut);
        }
        List<String> names = new ArrayList<>(columns);
        names.remove(at);
        return new Table(names, cells, Set.of(), caption, style);
    }

    /** This table with a caption. */
    public Table captioned(String text) {
        return new Table(columns, rows, settings, text, style);
    }

    /** This table in a style. */
    public Table styled(TableStyle other) {
        return new Table(columns, rows, settings, caption, other);
    }

    /** The names of the columns of an estimate and its interval: {@code "m mean", "m mean ci95 low", "… high"}. */
    public static List<String> withInterval(String estimate, IntervalKind kind) {
        String ends = estimate + " " + kind.key();
        return List.of(estimate, ends + LOW, ends + HIGH);
    }

    /** The cells of an estimate and its interval; null for what is not finite. */
    public static List<@Nullable Object> cells(Interval interval) {
        List<@Nullable Object> cells = new ArrayList<>();
        for (double value : new double[] {interval.estimate(), interval.low(), interval.high()}) {
            cells.add(Double.isFinite(value) ? value : null);
        }
        return cells;
    }

    /**
     * The formatted columns: an estimate and the ends of its interval become one column, with the kind of interval in
     * its name; "m mean" followed by "m sd" becomes one column "m mean ± SD". Numbers other than settings are rounded to
     * their significant digits.
     */
    List<DisplayColumn> display() {
        List<DisplayColumn> display = new ArrayList<>();
        int i = 0;
        while (i < columns.size()) {
            String name = columns.get(i);
            int from = i;
            Optional<IntervalKind> kind = Stream.of(IntervalKind.values())
                    .filter(any -> begins(from, withInterval(name, any)))
                    .findFirst();
            if (kind.isPresent()) {
                display.add(DisplayColumn.ofIntervals(
                                name, kind.get(), style.digits(), List.of(column(i), column(i + 1), column(i + 2)))
                        .bold(boldIn(name)));
                i += 3;
            } else if (name.endsWith(MEAN) && begins(i, List.of(name, sdOf(name)))) {
                display.add(DisplayColumn.ofMeans(name + " ± SD", column(i), column(i + 1))
                        .bold(boldIn(name)));
                i += 2;
            } else {
                display.add((settings.contains(name)
                                ? DisplayColumn.exact(name, column(i))
                                : DisplayColumn.of(name, column(i)))
                        .bold(boldIn(name)));
                i++;
            }
        }
        return display;
    }

    private Set<Integer> boldIn(String name) {
        return style.bold().stream()
                .filter(cell -> cell.column().equals(name))
                .map(TableStyle.Cell::row)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static String sdOf(String mean) {
        return mean.substring(0, mean.length() - MEAN.length()) + SD;
    }

    private boolean begins(int index, List<String> names) {
        return index + names.size() <= columns.size()
                && columns.subList(index, index + names.size()).equals(names);
    }

    private List<@Nullable Object> column(int index) {
        List<@Nullable Object> column = new ArrayList<>();
        rows.forEach(row -> column.add(row.get(index)));
        return column;
    }
}
