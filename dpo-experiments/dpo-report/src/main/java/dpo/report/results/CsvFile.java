package dpo.report.results;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Reads tables in the format {@link TableFormat#CSV}. */
public final class CsvFile {

    private static final Duration LONGEST = Duration.ofMinutes(10);

    private CsvFile() {}

    /**
     * The tables in files, with all cells as text; an empty cell is null.
     *
     * @throws IllegalArgumentException if a file is not such a table
     */
    public static List<Table> read(List<Path> files) {
        try (Database database = new Database(LONGEST)) {
            return files.stream()
                    .map(file -> database.query("SELECT * FROM read_csv(" + Sql.literal(file.toString())
                            + ", all_varchar=true, header=true, delim=',', quote='\"', escape='\"')"))
                    .toList();
        }
    }
}
