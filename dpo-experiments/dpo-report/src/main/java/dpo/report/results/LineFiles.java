package dpo.report.results;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The JSON lines of one kind of all undamaged runs. Columns and their types are inferred from every line of every file,
 * because inference from the first lines would turn later values of another type into nulls.
 */
final class LineFiles {

    /** Types that DuckDB infers from the form of a string; these columns stay strings. */
    private static final Set<String> GUESSED = Set.of("DATE", "TIME", "TIMESTAMP", "UUID", "JSON");

    private static final Set<String> NUMBERS = Set.of("BIGINT", "UBIGINT", "HUGEINT", "DOUBLE");

    /** DuckDB's name for the type of a column without values. */
    private static final String UNKNOWN = "\"NULL\"";

    private static final int DESCRIBED_AT_ONCE = 32;

    private final String name;
    private final String key;
    private final Database database;
    private final Map<String, String> runs = new LinkedHashMap<>();
    private final Map<String, String> types;

    /**
     * Finds the files and infers their columns.
     *
     * @param name the files' name without its ending
     * @param key a column that every complete line has; DuckDB reads an incomplete line as a row of nulls
     */
    LineFiles(List<Run> all, String name, String key, Database database) {
        this.name = name;
        this.key = key;
        this.database = database;
        for (Run run : all) {
            Path file = run.folder().resolve(name + ".jsonl");
            if (!run.status().equals(Run.DAMAGED) && hasContent(file)) {
                runs.put(path(file), run.id());
            }
        }
        this.types = inferred();
    }

    private static boolean hasContent(Path file) {
        try {
            return Files.exists(file) && Files.size(file) > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String path(Path file) {
        return file.toAbsolutePath().normalize().toString().replace('\\', '/');
    }

    /** Whether there is a complete line. */
    boolean hasLines() {
        return types.containsKey(key);
    }

    /** Creates the view of all columns, with the run of each line. */
    void createView() {
        Map<String, String> columns = new LinkedHashMap<>();
        columns.put("path", "VARCHAR");
        columns.put("run", "VARCHAR");
        database.create(
                files(),
                columns,
                runs.entrySet().stream()
                        .<List<@Nullable Object>>map(file -> List.of(file.getKey(), file.getValue()))
                        .toList());
        database.execute("CREATE VIEW " + name + " AS " + select(types.keySet(), Set.copyOf(runs.values())));
    }

    /** A query of some columns of some runs, with the run of each line; only these are parsed. */
    String select(Collection<String> columns, Set<String> ids) {
        List<String> of = runs.keySet().stream()
                .filter(file -> ids.contains(runs.get(file)))
                .toList();
        if (of.isEmpty()) {
            return "SELECT * FROM " + name + " WHERE false";
        }
        Set<String> read = new LinkedHashSet<>(columns);
        read.add(key);
        return "SELECT files.run, "
                + columns.stream().map(column -> "lines." + Sql.name(column)).collect(Collectors.joining(", "))
                + " FROM " + read(of, "columns={" + typed(read) + "}") + " AS lines JOIN " + files()
                + " AS files ON lines.filename = files.path WHERE lines." + Sql.name(key) + " IS NOT NULL";
    }

    private String files() {
        return Sql.name(name + " files");
    }

    private String typed(Collection<String> columns) {
        return types.entrySet().stream()
                .filter(column -> columns.contains(column.getKey()))
                .map(column -> Sql.literal(column.getKey()) + ":" + Sql.literal(type(column.getValue())))
                .collect(Collectors.joining(", "));
    }

    /** Columns and types over all files, described in groups, since a description holds a buffer per file. */
    private Map<String, String> inferred() {
        Map<String, String> types = new LinkedHashMap<>();
        List<String> all = List.copyOf(runs.keySet());
        for (int from = 0; from < all.size(); from += DESCRIBED_AT_ONCE) {
            List<String> some = all.subList(from, Math.min(all.size(), from + DESCRIBED_AT_ONCE));
            database.query("DESCRIBE SELECT * EXCLUDE (filename) FROM "
                            + read(
                                    some,
                                    "union_by_name=true, sample_size=-1, maximum_sample_files=2147483647,"
                                            + " map_inference_threshold=-1, field_appearance_threshold=0"))
                    .rows()
                    .forEach(column -> types.merge(text(column.get(0)), text(column.get(1)), LineFiles::common));
        }
        return types;
    }

    /** A common type of two types of values. */
    private static String common(String one, String other) {
        if (one.equals(other) || other.equals(UNKNOWN)) {
            return one;
        }
        if (one.equals(UNKNOWN)) {
            return other;
        }
        return NUMBERS.contains(one) && NUMBERS.contains(other) ? "DOUBLE" : "VARCHAR";
    }

    private static String text(@Nullable Object cell) {
        return String.valueOf(cell);
    }

    private static String type(String guessed) {
        return GUESSED.contains(guessed) ? "VARCHAR" : guessed.replace(UNKNOWN, "DOUBLE");
    }

    private static String read(Collection<String> files, String options) {
        // A path is a glob pattern to DuckDB: [*] matches the character *.
        String paths = files.stream()
                .sorted()
                .map(path -> Sql.literal(path.replaceAll("[\\[*?]", "[$0]")))
                .collect(Collectors.joining(", ", "[", "]"));
        return "read_ndjson(" + paths + ", filename=true, ignore_errors=true, " + options + ")";
    }
}
