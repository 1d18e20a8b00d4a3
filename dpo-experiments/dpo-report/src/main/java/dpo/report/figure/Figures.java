package dpo.report.figure;

import dpo.report.results.Results;
import java.util.ArrayList;
import java.util.List;

/** All figures that the results of a sweep or a run give. */
public final class Figures {

    private Figures() {
    }

    /**
     * Draws, as far as there is data for it: the reward–KL plane of each world, the final metrics against the swept β
     * (or another swept number), and the learning curves. Failed runs are in none of them.
     */
    public static List<Figure> of(Results results) {
        Design design = Design.of(results);
        List<Figure> figures = new ArrayList<>(new RewardKlPlane(results, design).figures());
        new FactorPlot(results, design).figure().ifPresent(figures::add);
        figures.addAll(new LearningCurves(results, design).figures());
        return figures;
    }
}
