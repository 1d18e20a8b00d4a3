package dpo.lab;

import dpo.harness.store.DurableFiles;
import dpo.report.figure.Figure;
import dpo.report.figure.Plot;
import dpo.report.html.Html;
import dpo.report.results.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes of experiments beside what is known about their claims.
 *
 * @param results one result per experiment, in their order
 */
public record Verification(List<Result> results) {

    /** The columns of {@link #quantities}. */
    private static final List<String> COLUMNS = List.of("quantity", "measured", "expected", "agrees", "meaning");

    public Verification {
        results = List.copyOf(results);
    }

    /**
     * An experiment and its outcome.
     *
     * @param claim its claim
     * @param settings its settings by key
     * @param outcome what it found
     * @param seconds its duration
     */
    public record Result(Claim claim, Map<String, Object> settings, Outcome outcome, double seconds) {

        /** Whether all quantities are as predicted and the verdict is the known one. */
        public boolean agrees() {
            return outcome.disagreements().isEmpty() && outcome.verdict() == claim.verdict();
        }

        /** The verdict, with the known one if that differs. */
        public String verdict() {
            return outcome.verdict() == claim.verdict()
                    ? outcome.verdict().key()
                    : outcome.verdict().key() + " (DIFFERENT: known to be "
                            + claim.verdict().key() + ")";
        }
    }

    /** The results that differ from what is known. */
    public List<Result> different() {
        return results.stream().filter(result -> !result.agrees()).toList();
    }

    /** The measured quantities of an outcome beside the predicted ones. */
    public static Table quantities(Outcome outcome) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (Quantity quantity : outcome.quantities()) {
            String agrees = quantity.agrees() ? "yes" : "NO";
            rows.add(List.of(
                    quantity.name(),
                    quantity.measuredText(),
                    quantity.expectedText(),
                    quantity.isPredicted() ? agrees : "",
                    quantity.meaning()));
        }
        return new Table(COLUMNS, rows);
    }

    /**
     * Writes {@code report.html} and the figures, as SVG and PDF, into a folder.
     *
     * @return the path of the report
     */
    public Path write(Path folder) {
        Path figures = DurableFiles.createFolderWithin(
                DurableFiles.createFolder(folder).resolve("figures"));
        Html html = new Html();
        html.element("h1", "The theory of preference optimization as experiments");
        html.element("p", summary());
        html.table(overview());
        for (Result result : results) {
            write(result, html);
            result.outcome().plot().map(Plot::figure).ifPresent(figure -> {
                html.figure(figure);
                write(figure, figures);
            });
        }
        Path report = folder.resolve("report.html");
        DurableFiles.write(report, Html.page("Laboratory", html));
        return report;
    }

    private static void write(Figure figure, Path folder) {
        DurableFiles.write(folder.resolve(figure.name() + ".svg"), figure.svg());
        DurableFiles.write(folder.resolve(figure.name() + ".pdf"), figure.pdf());
    }

    /** One sentence: how many experiments agree with theory. */
    public String summary() {
        int different = different().size();
        return different == 0
                ? "All " + results.size() + " experiments agree with theory."
                : different + " of " + results.size() + " experiments do not agree with theory.";
    }

    private Table overview() {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        results.forEach(result -> rows.add(List.of(
                result.claim().name(), result.claim().claim(), result.verdict(), result.agrees() ? "yes" : "NO")));
        return new Table(List.of("experiment", "claim", "verdict", "agrees"), rows);
    }

    private static void write(Result result, Html html) {
        html.element("h2", result.claim().name())
                .element("p", "Claim: " + result.claim().claim() + ".")
                .element(
                        "p",
                        "Verdict: " + result.verdict() + ". " + result.outcome().statement())
                .table(quantities(result.outcome()));
        html.markup("<p class=\"muted\">")
                .value("Source: " + result.claim().source() + ". Settings: " + result.settings() + ".")
                .markup("</p>\n");
    }
}
