package dpo.report.html;

import dpo.harness.store.DurableFiles;
import dpo.harness.store.FolderLock;
import dpo.harness.store.OutputException;
import dpo.report.figure.Figure;
import dpo.report.figure.Figures;
import dpo.report.results.Results;
import dpo.report.results.TableFormat;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes the report of a sweep's or a run's folder, into that folder:
 *
 * <ul>
 *   <li>{@code report.html}: status, results, figures, samples, failures, provenance, environment and every run's
 *       config, in one file that loads nothing else;
 *   <li>{@code figures/NAME.svg} and {@code figures/NAME.png};
 *   <li>{@code results.csv}: one row per run, every setting and result with all digits.
 * </ul>
 *
 * <p>Each file is replaced atomically. Runs may still be running; the report shows their number. If several
 * processes write the report of a folder at once, each waits for the previous one.
 */
public final class Report {

    private Report() {}

    /**
     * The page of a folder as text; nothing is written.
     *
     * @throws IllegalArgumentException if the folder is neither a sweep's nor a run's
     */
    public static String page(Path folder) {
        try (Results results = Results.open(folder)) {
            return new Page(folder, results, Figures.of(results)).html();
        }
    }

    /** The path of a folder's report, which may not exist. */
    public static Path path(Path folder) {
        return folder.resolve("report.html");
    }

    /**
     * Writes the report.
     *
     * @param folder a sweep's or a run's folder
     * @return the path of {@code report.html}
     * @throws IllegalArgumentException if the folder is neither
     * @throws OutputException if a file cannot be written
     */
    public static Path write(Path folder) {
        Path directory = folder.resolve("figures");
        try (Results results = Results.open(folder);
                FolderLock held = FolderLock.awaited(directory)) {
            List<Figure> figures = Figures.of(results);
            for (Figure figure : figures) {
                DurableFiles.write(directory.resolve(figure.name() + ".svg"), figure.svg());
                DurableFiles.write(directory.resolve(figure.name() + ".png"), figure.png());
            }
            DurableFiles.write(
                    folder.resolve("results.csv"), TableFormat.CSV.render(results.query("SELECT * FROM runs")));
            Path report = path(folder);
            DurableFiles.write(report, new Page(folder, results, figures).html());
            return report;
        }
    }
}
