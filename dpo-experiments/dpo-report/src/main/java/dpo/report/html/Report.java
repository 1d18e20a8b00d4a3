package dpo.report.html;

import dpo.harness.config.ConfigException;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.FolderLock;
import dpo.harness.store.OutputException;
import dpo.harness.sweep.Workers;
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
import java.util.function.Supplier;

/**
 * Writes the report of a sweep's or a run's folder, into that folder:
 *
 * <ul>
 *   <li>{@code report.html}: status, results, figures, samples, failures, provenance, environment and every run's
 *       config, in one file that loads nothing else;
 *   <li>{@code figures/NAME.svg}, {@code .png} and {@code .pdf};
 *   <li>{@code tables/results.tex}, and {@code tables/comparison.tex} if there is a baseline; both also as CSV, with
 *       means and the ends of their intervals in columns and all digits;
 *   <li>{@code results.csv}: one row per run, every setting and result with all digits.
 * </ul>
 *
 * <p>Each file is replaced atomically. Runs may still be running; the report shows their number. If several
 * processes write the report of a folder at once, each waits for the previous one.
 */
public final class Report {

    /** Figures that are drawn at once: of more, the memory of the pixels would grow. */
    private static final int AT_ONCE = 2;

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

    /**
     * Whether a folder has the report that {@link #write(Path)} would write: nothing that it is made of has changed since,
     * no run is running, and its files are intact.
     */
    public static boolean isCurrent(Path folder) {
        return ReportState.inputs(folder, ReportFile.of(folder, Optional.empty()))
                .filter(inputs -> ReportState.isCurrent(folder, inputs))
                .isPresent();
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
        // Before the results are opened: what changes in between makes the report an old one.
        Optional<String> inputs = ReportState.inputs(folder, ReportFile.of(folder, given));
        try (Results results = Results.open(folder)) {
            Content content = Content.of(folder, ReportFile.of(folder, given), results);
            try (FolderLock held = FolderLock.awaited(directory)) {
                List<FigureFormat> formats = content.settings().figures().formats();
                List<Supplier<Path>> figures = content.figures().stream()
                        .<Supplier<Path>>map(figure -> () -> write(figure, formats, directory))
                        .toList();
                Workers.run(AT_ONCE, figures, () -> {});
                Path tables = DurableFiles.createFolderWithin(into.resolve("tables"));
                write("results", content.overview(), tables);
                content.comparison().ifPresent(table -> write("comparison", table, tables));
                Path values = into.resolve("results.csv");
                DurableFiles.write(values, TableFormat.CSV.render(results.query("SELECT * FROM runs")));
                Path report = path(into);
                DurableFiles.write(report, content.page());
                inputs.ifPresent(hash -> ReportState.write(into, hash, List.of(directory, tables, values, report)));
                return report;
            }
        }
    }

    /** In all its formats, one after the other: a figure is drawn by one thread at a time. */
    private static Path write(Figure figure, List<FigureFormat> formats, Path directory) {
        for (FigureFormat format : formats) {
            String name = figure.name() + "." + format.name().toLowerCase(Locale.ROOT);
            DurableFiles.write(directory.resolve(name), figure.in(format));
        }
        return directory;
    }

    private static void write(String name, Table table, Path directory) {
        DurableFiles.write(directory.resolve(name + ".tex"), TableFormat.LATEX.render(table));
        DurableFiles.write(directory.resolve(name + ".csv"), TableFormat.CSV.render(table));
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
            return new Page(folder, all, file, settings.names(), overview, comparison, figures).html();
        }
    }
}
