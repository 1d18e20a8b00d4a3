package dpo.report.bundle;

import dpo.report.results.Results;
import dpo.report.results.TableFormat;
import java.util.SortedMap;
import java.util.TreeMap;

/** The tables of a bundle. */
final class Tables {

    static final String RESULTS = "results.csv";
    static final String SUMMARY = "summary.csv";

    private Tables() {}

    /** The tables as CSV, by the names of their files. */
    static SortedMap<String, String> of(Results results) {
        SortedMap<String, String> tables = new TreeMap<>();
        tables.put(RESULTS, TableFormat.CSV.render(results.query("SELECT * FROM runs")));
        tables.put(SUMMARY, TableFormat.CSV.render(results.query("SELECT * FROM summary")));
        return tables;
    }
}
