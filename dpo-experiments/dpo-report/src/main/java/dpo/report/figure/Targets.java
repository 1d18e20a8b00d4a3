package dpo.report.figure;

import dpo.report.results.Run;
import java.awt.Color;
import java.awt.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The optima π*_β of the runs' own β in the reward–KL plane: marks on the frontier, each tied by a thin line to the runs
 * of its β. A tie shows how far budget and data leave a policy from the optimum of its β.
 */
final class Targets {

    private static final String KL = "world/target_kl";
    private static final String REWARD = "world/target_reward";
    private static final Shape MARK = Style.marker(0, 6);

    private final Design design;
    private final List<Run> runs;

    /**
     * @param runs of one world
     */
    Targets(Design design, List<Run> runs) {
        this.design = design;
        this.runs = runs.stream().filter(run -> of(run).isPresent()).toList();
    }

    private static Optional<Mark> of(Run run) {
        return Optional.of(Mark.at(run.metric(KL), run.metric(REWARD)))
                .filter(mark -> Double.isFinite(mark.x()) && Double.isFinite(mark.y()));
    }

    /** Whether no run has one. */
    boolean isEmpty() {
        return runs.isEmpty();
    }

    /** The largest KL divergence; 0 if there are none. */
    double largestKl() {
        return runs.stream().mapToDouble(run -> run.metric(KL)).max().orElse(0);
    }

    /** Draws the line from the mean of some runs to the optimum that they share, if it is before the end of the axis. */
    static void tie(Panel panel, Color color, Mark mean, List<Run> seeds, double end) {
        List<Optional<Mark>> different =
                seeds.stream().map(Targets::of).distinct().toList();
        Stream.of(different)
                .filter(targets -> targets.size() == 1)
                .flatMap(targets -> targets.get(0).stream())
                .filter(target -> target.x() <= end)
                .forEach(target -> panel.line(Style.faint(color, 0.6), Style.THIN, List.of(mean, target)));
    }

    /** Draws the marks, with their β if that is the factor. */
    void mark(Panel panel, double end) {
        Map<Double, Run> byKl = new TreeMap<>();
        runs.stream().filter(run -> run.metric(KL) <= end).forEach(run -> byKl.putIfAbsent(run.metric(KL), run));
        List<Mark> marks =
                byKl.values().stream().flatMap(run -> of(run).stream()).toList();
        panel.marks(Style.INK, MARK, marks);
        byKl.values().stream()
                .filter(run -> design.hasFactor(run) && design.factorLabel().equals("β"))
                .forEach(run -> of(run).ifPresent(
                                target -> panel.label(design.levelText(design.level(run)), Style.INK, target)));
    }

    /** What a caption says of them. */
    String caption() {
        return isEmpty() ? "" : " Black dots on it: the optimum of each β; thin lines tie it to the means of its runs.";
    }

    /** The entries of a legend. */
    List<Legend.Entry> legend() {
        return isEmpty() ? List.of() : List.of(new Legend.Entry("optimum π*_β of each β", Style.INK, Style.THIN, MARK));
    }
}
