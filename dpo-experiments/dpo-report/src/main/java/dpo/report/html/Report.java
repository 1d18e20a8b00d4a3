package dpo.report.html;

import dpo.harness.config.ConfigException;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.FolderLock;
import dpo.harness.store.OutputException;
import dpo.report.figure.Figure;
import dpo.report.figure.Figures;
import dpo.report.results.Results;
import dpo.report.results.Table;
import dpo.report.results.TableFormat;
import dpo.report.settings.FigureSettings.FigureFormat;
import dpo.report.settings.ReportFile;
import dpo.report.settings.ReportSettings;
import dpo.report.settings.ReportTables;
import dpo.report.settings.Rows;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Writes the report of a sweep's or a run's folder, into that folder:
 *
 * <ul>
 *   <li>{@code report.html}: status, results, figures, samples, failures, provenance, environment and every run's
 *       config, in one file that loads nothing else;
 *   <li>{@code figures/NAME.svg}, {@code .png} and {@code .pdf};
 *   <li>{@code tables/results.tex}, and {@code tables/comparison.tex} if there is a baseline;
 *   <li>{@code results.csv}: one row per run, every setting and result with all digits.
 * </ul>
 *
 * <p>Each file is replaced atomically. Runs may still be running; the report shows their number. If several
 * processes write the report of a folder at once, each waits for the previous one.
 */
public final class Report {

    private Report() {}

    /**
     * The page of a folder as text, with the settings of its {@value ReportFile#NAME} if it has one; nothing is written.
     *
     * @throws IllegalArgumentException if the folder is neither a sweep's nor a run's
     */
    public static String page(Path folder) {
        try (Results results = Results.open(folder)) {
            return Content.of(folder, ReportFile.of(folder, Optional.empty()), results)
                    .page();
        }
    }

    /** The path of a folder's report, which may not exist. */
    public static Path path(Path folder) {
        return folder.resolve("report.html");
    }

    /** {@link #write(Path, Optional)} with the folder's {@value ReportFile#NAME}, if it has one. */
    public static Path write(Path folder) {
        return write(folder, Optional.empty());
    }

    /** {@link #write(Path, Path, Optional)} into the folder itself. */
    public static Path write(Path folder, Optional<Path> given) {
        return write(folder, folder, given);
    }

    /**
     * Writes the report.
     *
     * @param folder a sweep's or a run's folder
     * @param into the folder of the report, which exists
     * @param given file of settings; absent: {@value ReportFile#NAME} in the folder, or else the defaults
     * @return the path of {@code report.html}
     * @throws IllegalArgumentException if the folder is neither
     * @throws ConfigException if the settings are invalid
     * @throws OutputException if a file cannot be written
     */
    public static Path write(Path folder, Path into, Optional<Path> given) {
        Path directory = into.resolve("figures");
        try (Results results = Results.open(folder)) {
            Content content = Content.of(folder, ReportFile.of(folder, given), results);
            try (FolderLock held = FolderLock.awaited(directory)) {
                for (Figure figure : content.figures()) {
                    for (FigureFormat format : content.settings().figures().formats()) {
                        String name = figure.name() + "." + format.name().toLowerCase(Locale.ROOT);
                        DurableFiles.write(directory.resolve(name), figure.in(format));
                    }
                }
                Path latex = DurableFiles.createFolderWithin(into.resolve("tables"));
                DurableFiles.write(latex.resolve("results.tex"), TableFormat.LATEX.render(content.overview()));
                if (content.comparison().isPresent()) {
                    DurableFiles.write(
                            latex.resolve("comparison.tex"),
                            TableFormat.LATEX.render(content.comparison().get()));
                }
                DurableFiles.write(
                        into.resolve("results.csv"), TableFormat.CSV.render(results.query("SELECT * FROM runs")));
                Path report = path(into);
                DurableFiles.write(report, content.page());
                return report;
            }
        }
    }

    /** Tables and figures as the settings say; the rest of the page is about all runs. */
    private record Content(
            Path folder,
            Optional<Path> file,
            Results all,
            ReportSettings settings,
            Table overview,
            Optional<Table> comparison,
            List<Figure> figures) {

        static Content of(Path folder, Optional<Path> file, Results all) {
            ReportSettings settings = ReportFile.read(file, all);
            Results chosen = Rows.of(all, settings);
            ReportTables tables = new ReportTables(chosen, settings);
            return new Content(
                    folder, file, all, settings, tables.overview(), tables.comparison(), Figures.of(chosen, settings));
        }

        String page() {
            return new Page(folder, all, file, overview, comparison, figures).html();
        }
    }
}
