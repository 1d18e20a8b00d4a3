package dpo.report.results;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class TableFormatTest {

    private static final Table SUMMARY = new Table(
            List.of(
                    "objective.preference.type",
                    "objective.preference.beta",
                    "n",
                    "eval/loss mean",
                    "eval/loss mean ci95 low",
                    "eval/loss mean ci95 high"),
            List.of(
                    row("sigmoid", 0.05, 3L, 0.6123456, 0.6102156, 0.6144756),
                    row("ipo", 0.5, 1L, -12.5, null, null),
                    row("hinge", 1.0, 0L, null, null, null)));

    @Test
    void text_is_aligned_with_long_names_broken_and_mean_and_deviation_joined() {
        assertThat(TableFormat.TABLE.render(SUMMARY)).isEqualTo("""
                objective.    objective.
                preference.  preference.      eval/loss mean
                type                beta  n        ± 95 % CI
                ───────────  ───────────  ─  ───────────────
                sigmoid             0.05  3  0.6123 ± 0.0021
                ipo                  0.5  1           -12.50
                hinge                  1  0                –
                """);
    }

    @Test
    void an_interval_that_is_wider_than_its_estimate_keeps_the_digits_of_its_shorter_side() {
        Table table = new Table(
                List.of("kl geomean", "kl geomean ci95 low", "kl geomean ci95 high"),
                List.of(row(0.4243, 0.0051, 34.97), row(3.0, Math.nextDown(3.0), Math.nextUp(3.0))));

        assertThat(TableFormat.TABLE.render(table)).contains("0.42 [0.01, 34.97]", "3.000 [3.000, 3.000]");
    }

    @Test
    void csv_has_all_columns_and_digits_with_the_quoting_of_rfc_4180() {
        assertThat(TableFormat.CSV.render(SUMMARY))
                .isEqualTo("objective.preference.type,objective.preference.beta,n,eval/loss mean,"
                        + "eval/loss mean ci95 low,eval/loss mean ci95 high\r\n"
                        + "sigmoid,0.05,3,0.6123456,0.6102156,0.6144756\r\nipo,0.5,1,-12.5,,\r\nhinge,1.0,0,,,\r\n");
        assertThat(TableFormat.CSV.render(new Table(List.of("a,b"), List.of(row("say \"x\"\nnow")))))
                .isEqualTo("\"a,b\"\r\n\"say \"\"x\"\"\nnow\"\r\n");
    }

    @Test
    void csv_text_that_begins_like_a_formula_is_escaped_and_numbers_are_not() {
        Table table = new Table(
                List.of("=cmd"),
                List.of(
                        row("=1+1"),
                        row("+x"),
                        row("-x"),
                        row("@x"),
                        row("\tx"),
                        row("-1+2"),
                        row("x=1"),
                        row(-0.5),
                        row(-3L),
                        row("-0.5")));
        assertThat(TableFormat.CSV.render(table).split("\r\n"))
                .containsExactly("'=cmd", "'=1+1", "'+x", "'-x", "'@x", "'\tx", "'-1+2", "x=1", "-0.5", "-3", "-0.5");
    }

    @Test
    void json_has_the_cells_and_null_for_missing_and_non_finite_numbers() {
        Table table = new Table(List.of("a\"", "b"), List.of(row("<&'\n", 0.1), row(Double.NaN, null)));

        JsonNode json = JsonMapper.shared().readTree(TableFormat.JSON.render(table));

        assertThat(json.get(0).get("a\"").stringValue()).isEqualTo("<&'\n");
        assertThat(json.get(0).get("b").doubleValue()).isEqualTo(0.1);
        assertThat(json.get(1).get("a\"").isNull()).isTrue();
        assertThat(json.get(1).get("b").isNull()).isTrue();
        assertThat(JsonMapper.shared()
                        .readTree(TableFormat.JSON.render(new Table(List.of("a"), List.of())))
                        .size())
                .isZero();
    }

    @Test
    void latex_escapes_every_special_character() {
        Table table = new Table(List.of("learning_rate", "x"), List.of(row("\\{}$&%#_~^<>|", -1.5)));

        assertThat(TableFormat.LATEX.render(table)).isEqualTo("""
                % needs \\usepackage{booktabs} and \\usepackage{siunitx}, version 3
                \\begin{table}
                \\centering
                \\setlength{\\tabcolsep}{4pt}
                \\sisetup{separate-uncertainty = true, reset-text-series = false, text-series-to-math = true, \
                group-digits = integer}
                \\begin{tabular}{l S[table-format = -1.1]}
                \\toprule
                {learning\\_rate} & {x} \\\\
                \\midrule
                \\textbackslash{}\\{\\}\\$\\&\\%\\#\\_\\textasciitilde{}\\textasciicircum{}\\textless{}\\textgreater{}\
                \\textbar{} & -1.5 \\\\
                \\bottomrule
                \\end{tabular}
                \\end{table}
                """);
        assertThat(TableFormat.LATEX.render(SUMMARY)).contains("0.6123 +- 0.0021", " & {--} \\\\");
    }

    @Test
    void latex_aligns_numbers_and_keeps_exponents_asymmetric_intervals_and_bold() {
        Table table = new Table(
                        List.of("β", "rate", "kl geomean", "kl geomean ci95 low", "kl geomean ci95 high"),
                        List.of(row(0.05, 5e-6, 2.0, 1.0, 4.0), row(2.0, 1.0, 0.5, 0.25, 1.0)))
                .captioned("50 % of β_0")
                .styled(new TableStyle("tab:x", 1, Set.of(new TableStyle.Cell(1, "kl geomean"))));

        assertThat(TableFormat.LATEX.render(table))
                .contains(
                        "\\caption{50 \\% of $\\beta$\\_0}\n\\label{tab:x}",
                        "{S[table-format = 1.2] r r}",
                        "{$\\beta$} & {rate} & {\\shortstack{kl geomean\\\\{}[95 \\% CI]}} \\\\",
                        "0.05 & \\num{5e-6} & \\num{2} [\\num{1}, \\num{4}] \\\\",
                        "2 & \\num{1} & \\bfseries \\num{0.5} [\\num{0.2}, \\num{1.0}] \\\\");
    }

    @Test
    void latex_breaks_long_names_of_columns_into_lines() {
        assertThat(TableFormat.LATEX.render(
                        new Table(List.of("eval/rewards/accuracies mean", "n"), List.of(row(0.5, 2L)))))
                .contains("{\\shortstack{eval/rewards/\\\\{}accuracies\\\\{}mean}} & {n} \\\\");
    }

    @Test
    void markdown_keeps_pipes_and_line_breaks_inside_a_cell() {
        assertThat(TableFormat.MARKDOWN.render(new Table(List.of("a|b", "n"), List.of(row("x|y\nz", 2L)))))
                .isEqualTo("| a\\|b | n |\n| :--- | ---: |\n| x\\|y z | 2 |\n");
    }

    @Test
    void html_escapes_markup() {
        assertThat(TableFormat.HTML.render(new Table(List.of("<b>"), List.of(row("a & \"b\" <script>'")))))
                .contains("<th>&lt;b&gt;</th>", "<td>a &amp; &quot;b&quot; &lt;script&gt;&#39;</td>");
    }

    @Test
    void numbers_are_rounded_to_their_significant_digits() {
        assertThat(DisplayColumn.of("beta", row(0.05, 0.1, 1.0, 100.0)).cells())
                .containsExactly("0.05", "0.1", "1", "100");
        assertThat(DisplayColumn.of("loss", row(0.61234567, 12.3, 98765.4321, 0.0, -1.0))
                        .cells())
                .containsExactly("0.6123", "12.30", "98765", "0", "-1.000");
        assertThat(DisplayColumn.of("rate", row(5e-6, 2.5e-6)).cells()).containsExactly("5e-6", "2.5e-6");
        assertThat(DisplayColumn.of("x", row(Double.NaN, 1.0)).cells()).containsExactly("NaN", "1");
    }

    @Test
    void the_deviation_has_two_digits_and_the_mean_ends_at_the_same_decimal() {
        assertThat(DisplayColumn.ofMeans(
                                "m", row(0.61234567, 1234.5, 3.2e-9, 2.0, 0.5), row(0.0021, 123.0, 4.56e-10, 0.0, 0.25))
                        .cells())
                .containsExactly("0.6123 ± 0.0021", "1234 ± 120", "3.2e-9 ± 4.6e-10", "2.000 ± 0", "0.50 ± 0.25");
    }

    private static List<@Nullable Object> row(@Nullable Object... cells) {
        return Arrays.asList(cells);
    }
}
