package dpo.report.diff;

import dpo.harness.reproduce.FileComparison;
import dpo.harness.reproduce.InputDifference;
import dpo.harness.reproduce.RunComparison;
import dpo.harness.reproduce.Tolerance;
import dpo.harness.reproduce.Verdict;
import dpo.harness.store.Json;
import dpo.report.results.Table;
import dpo.report.results.TableFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code dpo reproduce} prints: the verdict with the largest difference, one row per file, and the inputs that
 * differ.
 *
 * @param comparison the two runs
 * @param tolerance what was allowed
 */
public record ReproductionText(RunComparison comparison, Tolerance tolerance) {

    /** The text, with a line break at the end. */
    public String text() {
        StringBuilder text = new StringBuilder(comparison.verdict().text());
        comparison.worst().ifPresent(file -> text.append(": ")
                .append(file.largest().map(ReproductionText::largest).orElse(file.file() + ", " + file.remark())));
        text.append('\n');
        if (comparison.verdict() != Verdict.IDENTICAL) {
            text.append("tolerance: ").append(tolerance).append('\n');
        }
        text.append('\n').append(TableFormat.TABLE.render(files()));
        text.append('\n').append(inputs(comparison.inputs()));
        return text.toString();
    }

    private static String largest(FileComparison.Largest largest) {
        return "the largest difference is " + number(largest.size()) + " in " + largest.metric() + where(largest)
                + ", recorded " + number(largest.recorded()) + ", now " + number(largest.again());
    }

    private static String where(FileComparison.Largest largest) {
        return (largest.step() < 0 ? " of the result" : " at step " + largest.step())
                + (largest.pair().isEmpty() ? "" : " of pair " + largest.pair());
    }

    private static String number(double value) {
        return Json.number(value);
    }

    private Table files() {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (FileComparison file : comparison.files()) {
            FileComparison.@Nullable Largest largest = file.largest().orElse(null);
            rows.add(Arrays.asList(
                    file.file(),
                    file.numbers() == 0 && file.verdict() == Verdict.WITHIN_TOLERANCE
                            ? "not identical"
                            : file.verdict().text(),
                    file.numbers() == 0 ? null : file.numbers(),
                    file.numbers() == 0 ? null : file.unequal(),
                    largest == null ? null : largest.size(),
                    largest == null ? null : largest.metric(),
                    largest == null || largest.step() < 0 ? null : largest.step(),
                    file.remark().isEmpty() ? null : file.remark()));
        }
        return new Table(
                List.of("file", "verdict", "numbers", "unequal", "largest difference", "metric", "step", "remark"),
                rows);
    }

    /** One row per input that differs. */
    static String inputs(List<InputDifference> inputs) {
        if (inputs.isEmpty()) {
            return "equal settings, data, model, code and environment\n";
        }
        List<List<@Nullable Object>> rows = new ArrayList<>();
        inputs.forEach(input -> rows.add(Arrays.asList(input.part(), input.name(), input.recorded(), input.again())));
        return TableFormat.TABLE.render(new Table(List.of("differs in", "name", "recorded", "now"), rows));
    }
}
