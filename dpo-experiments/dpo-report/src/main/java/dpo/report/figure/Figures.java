package dpo.report.figure;

import dpo.report.results.Results;
import dpo.report.results.Summary;
import dpo.report.settings.ReportFile;
import dpo.report.settings.ReportSettings;
import java.util.ArrayList;
import java.util.List;

/** Draws the figures of the results of a sweep or a run. */
public final class Figures {

    private Figures() {}

    /** The figures with the defaults of a report. */
    public static List<Figure> of(Results results) {
        return of(results, ReportFile.byDefault());
    }

    /**
     * Draws the figures for which there are data: the reward–KL plane of each world, the final metrics against the
     * swept β (or another swept number), and the learning curves. They omit failed runs. Means and intervals are those
     * of {@link Results#summary}, as tables have them.
     *
     * @param settings metrics, names, axes, intervals and sizes
     */
    public static List<Figure> of(Results results, ReportSettings settings) {
        Design design = Design.of(results, settings);
        Summary summary = results.summary(settings.summary());
        List<Figure> figures = new ArrayList<>(new RewardKlPlane(results, summary, design, settings).figures());
        new FactorPlot(results, summary, design, settings).figure().ifPresent(figures::add);
        figures.addAll(new LearningCurves(results, summary, design, settings).figures());
        return figures;
    }
}
