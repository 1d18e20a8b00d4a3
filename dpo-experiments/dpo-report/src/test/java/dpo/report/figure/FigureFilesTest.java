package dpo.report.figure;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.harness.config.SettingsFile;
import dpo.report.results.Replicates;
import dpo.report.results.Results;
import dpo.report.results.Run;
import dpo.report.results.Summary;
import dpo.report.results.SummaryOptions;
import dpo.report.settings.FigureSettings.FigureFormat;
import dpo.report.settings.ReportFile;
import dpo.report.settings.ReportSettings;
import dpo.statistics.Interval;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDResources;
import org.apache.pdfbox.pdmodel.font.PDFont;
import org.apache.pdfbox.pdmodel.graphics.form.PDFormXObject;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FigureFilesTest {

    @TempDir
    private Path sweep;

    @BeforeEach
    void writeSweep() {
        for (String type : List.of("ipo", "漢字")) {
            for (double beta : new double[] {0.1, 1}) {
                for (int seed = 1; seed <= 3; seed++) {
                    new DrawnSweep(sweep)
                            .run(type.length() + "-" + beta + "-" + seed, type, beta, seed)
                            .result(Map.of("eval/loss", beta + 0.1 * seed * seed, "world/kl", beta * seed))
                            .line("evaluations", Map.of("step", 1, "eval/loss", 1.0 / seed))
                            .line("evaluations", Map.of("step", 2, "eval/loss", 0.5 / seed))
                            .write();
                }
            }
        }
    }

    @Test
    void a_pdf_has_one_page_with_embedded_fonts_and_text_that_can_be_found() throws Exception {
        Figure figure = new DrawnSweep(sweep).figure("metrics-against-beta");

        try (PDDocument document = Loader.loadPDF(figure.pdf())) {
            assertThat(document.getNumberOfPages()).isEqualTo(1);
            // The stripper breaks the lines of rotated text.
            assertThat(new PDFTextStripper().getText(document).replaceAll("\\s", ""))
                    .contains("evaluationloss", "β", "0.1", "ipo");
            PDResources page = document.getPage(0).getResources();
            COSName form = page.getXObjectNames().iterator().next();
            PDResources drawn = ((PDFormXObject) page.getXObject(form)).getResources();
            assertThat(drawn.getFontNames()).isNotEmpty().allSatisfy(name -> {
                PDFont font = drawn.getFont(name);
                assertThat(font.isEmbedded()).isTrue();
                assertThat(font.getName()).endsWith("+LiberationSans");
            });
        }
    }

    @Test
    void equal_results_give_equal_bytes_in_every_format() {
        Figure once = new DrawnSweep(sweep).figure("metrics-against-beta");
        Figure again = new DrawnSweep(sweep).figure("metrics-against-beta");

        for (FigureFormat format : FigureFormat.values()) {
            assertThat(again.in(format)).as(format.name()).isEqualTo(once.in(format));
        }
    }

    @Test
    void width_height_font_size_and_dpi_are_as_given_and_narrow_figures_have_fewer_columns() throws Exception {
        ReportSettings settings = settings("figures: {width: 84, panel_height: 50, font_size: 8, dpi: 300}");

        try (Results results = Results.open(sweep)) {
            Figure figure = Figures.of(results, settings).stream()
                    .filter(any -> any.name().equals("metrics-against-beta"))
                    .findFirst()
                    .orElseThrow();
            try (PDDocument document = Loader.loadPDF(figure.pdf())) {
                assertThat(document.getPage(0).getMediaBox().getWidth() / 72 * 25.4)
                        .isBetween(83.8, 84.2);
                assertThat(document.getPage(0).getMediaBox().getHeight() / 72 * 25.4)
                        .isBetween(100.0, 125.0);
            }
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(figure.png()));
            assertThat(image.getWidth() / 300.0 * 25.4).isBetween(83.7, 84.3);
        }
    }

    @Test
    void the_intervals_of_a_figure_are_those_of_the_table() {
        try (Results results = Results.open(sweep)) {
            ReportSettings settings = ReportFile.byDefault();
            Summary summary = results.summary(SummaryOptions.STANDARD);
            FactorPlot plot = new FactorPlot(results, summary, Design.of(results, settings), settings);
            for (String metric : List.of("eval/loss", "world/kl")) {
                List<Mark> marks = Stream.of(0, 1)
                        .flatMap(i -> plot.means(i, Measure.of(metric, settings.names())).stream())
                        .toList();
                assertThat(marks).hasSameSizeAs(summary.rows());
                for (Replicates row : summary.rows()) {
                    Interval expected = summary.interval(row, metric);
                    assertThat(marks)
                            .anyMatch(mark -> mark.y() == expected.estimate()
                                    && mark.yLow() == expected.low()
                                    && mark.yHigh() == expected.high());
                }
            }
        }
    }

    @Test
    void bands_of_learning_curves_are_intervals_from_three_seeds_on() {
        try (Results results = Results.open(sweep)) {
            ReportSettings settings = ReportFile.byDefault();
            Map<String, Run> runs = new LinkedHashMap<>();
            results.runs().forEach(run -> runs.put(run.id(), run));
            Summary summary = results.summary(SummaryOptions.STANDARD);
            Curves curves = new Curves(
                    results,
                    summary,
                    Design.of(results, settings),
                    runs,
                    "evaluations",
                    List.of("eval/loss"),
                    Integer.MAX_VALUE);
            Curves.Point first =
                    curves.of("eval/loss").get("ipo").values().iterator().next().get(0);
            Interval expected = summary.interval(new double[] {1, 1 / 2.0, 1 / 3.0}, "eval/loss");
            assertThat(first.mark().yLow()).isEqualTo(expected.low());
            assertThat(first.mark().yHigh()).isEqualTo(expected.high());
            assertThat(first.low()).isEqualTo(1 / 3.0);
            assertThat(first.high()).isEqualTo(1);
        }
        assertThat(new DrawnSweep(sweep).figure("evaluation-loss").caption())
                .contains("mean over seeds, n = 3; bands: 95 % confidence interval (t) at each step");
    }

    private ReportSettings settings(String yaml) throws Exception {
        Path file = Files.writeString(sweep.resolve("report.yaml"), yaml);
        return SettingsFile.read(file, ReportSettings.class).settings();
    }
}
