package dpo.report.results;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Formats of files with all rows of a view, for other programs. Numbers have all their digits. */
public enum CopyFormat {

    /** Apache Parquet, compressed by Zstandard; nested values stay nested, a missing value is null. */
    PARQUET("(FORMAT parquet, COMPRESSION zstd)") {
        @Override
        String columns(Database database, String view) {
            return "*";
        }
    },

    /**
     * RFC 4180 with a header row; a missing value is empty. A nested value becomes one column per part, as in
     * {@code policy.chosen}; a list is JSON.
     */
    CSV("(FORMAT csv, HEADER)") {
        @Override
        String columns(Database database, String view) {
            List<String> columns = new ArrayList<>();
            for (Column column : described(database, Sql.name(view), "*")) {
                String name = Sql.name(column.name());
                if (column.type().startsWith("STRUCT(") && !column.type().endsWith("]")) {
                    described(database, Sql.name(view), name + ".*")
                            .forEach(part -> columns.add(part.flat(name + "." + Sql.name(part.name())) + " AS "
                                    + Sql.name(column.name() + "." + part.name())));
                } else {
                    columns.add(column.flat(name) + " AS " + name);
                }
            }
            return String.join(", ", columns);
        }
    };

    private final String options;

    CopyFormat(String options) {
        this.options = options;
    }

    /** The ending of file names. */
    public String extension() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The options of COPY. */
    String options() {
        return options;
    }

    /** The selected expressions. */
    abstract String columns(Database database, String view);

    private record Column(String name, String type) {

        /** The value as one cell. */
        String flat(String expression) {
            boolean isNested = type.endsWith("]") || type.endsWith(")");
            return isNested ? "to_json(" + expression + ")" : expression;
        }
    }

    private static List<Column> described(Database database, String view, String columns) {
        return database.query("DESCRIBE SELECT " + columns + " FROM " + view).rows().stream()
                .map(row -> new Column(String.valueOf(row.get(0)), String.valueOf(row.get(1))))
                .toList();
    }
}
