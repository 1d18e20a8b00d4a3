package dpo.report.html;

import dpo.harness.store.DurableFiles;
import dpo.report.figure.Figure;
import dpo.report.figure.Figures;
import dpo.report.results.Results;
import dpo.report.results.TableFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
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
 * <p>Each file is replaced atomically. Runs may still be running; the report shows their number.
 */
public final class Report {

    private Report() {
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
     * @throws UncheckedIOException if a file cannot be written
     */
    public static Path write(Path folder) {
        try (Results results = Results.open(folder)) {
            List<Figure> figures = Figures.of(results);
            Path directory = Files.createDirectories(folder.resolve("figures"));
            for (Figure figure : figures) {
                DurableFiles.write(directory.resolve(figure.name() + ".svg"), figure.svg());
                DurableFiles.write(directory.resolve(figure.name() + ".png"), figure.png());
            }
            DurableFiles.write(folder.resolve("results.csv"), TableFormat.CSV.render(results.query("SELECT * FROM runs")));
            Path report = path(folder);
            DurableFiles.write(report, new Page(folder, results, figures).html());
            return report;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
