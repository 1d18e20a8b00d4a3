package dpo.report.comparison;

import dpo.report.results.Results;
import dpo.report.results.RunFolderWriter;
import dpo.report.results.Table;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A sweep over losses and seeds, written by hand. */
record SweepOfLosses(Path folder) {

    static final String TYPE = "objective.preference.type";
    static final String LOSS = "eval/loss";

    /** Runs with the seeds 1, 2, …; NaN is stored as null. */
    void runs(String type, double... losses) {
        for (int i = 0; i < losses.length; i++) {
            run(type, i + 1, losses[i]);
        }
    }

    void run(String type, int seed, double loss) {
        cell(type, seed, loss, Map.of());
    }

    void cell(String type, int seed, double loss, Map<String, ?> more) {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        result.put(LOSS, Double.isNaN(loss) ? null : loss);
        write(type, seed, result, more);
    }

    void write(String type, int seed, Map<String, ?> result) {
        write(type, seed, result, Map.of());
    }

    private void write(String type, int seed, Map<String, ?> result, Map<String, ?> more) {
        Map<String, Object> settings = new LinkedHashMap<>(Map.of(TYPE, type));
        settings.putAll(more);
        settings.put("seed", seed);
        RunFolderWriter.run(folder, type + more + seed)
                .settings(settings)
                .result(result)
                .write();
    }

    Table with(Function<Results, Table> question) {
        try (Results results = Results.open(folder)) {
            return question.apply(results);
        }
    }

    static List<@Nullable Object> column(Table table, String name) {
        int at = table.columns().indexOf(name);
        return table.rows().stream().<@Nullable Object>map(row -> row.get(at)).toList();
    }
}
