package dpo.report.figure;

import dpo.report.results.Results;
import dpo.report.results.Summary;
import dpo.report.results.SummaryOptions;
import java.util.ArrayList;
import java.util.List;

/** Draws the figures of the results of a sweep or a run. */
public final class Figures {

    private Figures() {}

    /**
     * Draws the figures for which there are data: the reward–KL plane of each world, the final metrics against the
     * swept β (or another swept number), and the learning curves. They omit failed runs.
     */
    public static List<Figure> of(Results results) {
        return of(results, SummaryOptions.STANDARD);
    }

    /**
     * Draws the figures, with the intervals of a summary.
     *
     * @param options how repeated runs are summarised
     */
    public static List<Figure> of(Results results, SummaryOptions options) {
        Design design = Design.of(results);
        Summary summary = results.summary(options);
        List<Figure> figures = new ArrayList<>(new RewardKlPlane(results, summary, design).figures());
        new FactorPlot(results, summary, design).figure().ifPresent(figures::add);
        figures.addAll(new LearningCurves(results, design).figures());
        return figures;
    }
}
