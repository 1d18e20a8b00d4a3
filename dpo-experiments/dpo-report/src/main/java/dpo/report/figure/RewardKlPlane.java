package dpo.report.figure;

import dpo.harness.config.SettingValue;
import dpo.report.results.Results;
import dpo.report.results.Run;
import dpo.report.results.Summary;
import dpo.report.settings.ReportSettings;
import java.awt.Color;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Expected true reward against KL(πθ ‖ π_ref) in the controlled world, where both are exact: the optimal frontier as a
 * line, the runs as points, and the mean over seeds of each setting, joined in the order of the factor. A second panel
 * enlarges the region of small KL if series would be crowded there. There is one figure per world; runs with equal
 * frontiers share a world.
 */
final class RewardKlPlane {

    private static final String KL = "world/kl";
    private static final String REWARD = "world/reward";

    /** A series that ends before this share of the x axis is crowded. */
    private static final double CROWDED = 0.4;

    /** And so are all series, if they end before this share of an axis that goes on to the optima of their β. */
    private static final double ALL_CROWDED = 0.6;

    /** From this number on, each series has its own panel, since one panel would not be readable. */
    private static final int MANY = 7;

    private final Results results;
    private final Summary summary;
    private final Design design;
    private final ReportSettings settings;
    private final Axes axes;
    private final Frontiers frontiers;
    private final List<String> series;

    RewardKlPlane(Results results, Summary summary, Design design, ReportSettings settings) {
        this.results = results;
        this.settings = settings;
        this.axes = new Axes(settings);
        this.frontiers = new Frontiers(results);
        this.summary = summary;
        this.design = design;
        series = design.series(results.runs());
    }

    /** The runs of a world, with its exact optimum and the optima of their β. */
    private record World(String name, List<Mark> frontier, List<Run> runs, Targets targets) {}

    List<Figure> figures() {
        Map<String, List<Mark>> byRun = frontiers.byRun();
        Map<List<Mark>, List<Run>> worlds = new LinkedHashMap<>();
        results.runs().stream()
                .filter(run -> run.isCompleted() && isPlaced(run))
                .forEach(
                        run -> worlds.computeIfAbsent(byRun.getOrDefault(run.id(), List.of()), key -> new ArrayList<>())
                                .add(run));
        List<Figure> figures = new ArrayList<>();
        worlds.forEach((frontier, runs) -> {
            String number = worlds.size() > 1 ? "-" + (figures.size() + 1) : "";
            World world = new World(design.difference(runs, results.runs()), frontier, runs, new Targets(design, runs));
            figures.add(figure("reward-kl" + number, world));
        });
        return figures;
    }

    private static boolean isPlaced(Run run) {
        return Double.isFinite(kl(run)) && Double.isFinite(reward(run));
    }

    private static double kl(Run run) {
        return run.metric(KL);
    }

    private static double reward(Run run) {
        return run.metric(REWARD);
    }

    private static Mark mark(Run run) {
        return Mark.at(kl(run), reward(run));
    }

    /** The mean over the runs of a setting, as tables have it; over those in this world if means are over worlds. */
    private Mark mean(List<Run> seeds) {
        if (settings.worlds().isEmpty()) {
            return summary.rows().stream()
                    .filter(row -> row.completed().contains(seeds.get(0)))
                    .map(row -> Mark.of(summary.interval(row, KL), summary.interval(row, REWARD)))
                    .findFirst()
                    .orElseThrow();
        }
        return Mark.of(
                summary.interval(seeds.stream().mapToDouble(RewardKlPlane::kl).toArray(), KL),
                summary.interval(
                        seeds.stream().mapToDouble(RewardKlPlane::reward).toArray(), REWARD));
    }

    private static double largestKl(List<Run> runs) {
        return runs.stream().mapToDouble(RewardKlPlane::kl).max().orElse(0);
    }

    private Figure figure(String name, World world) {
        if (series.size() >= MANY) {
            return panelEach(name, world);
        }
        double largest = Math.max(largestKl(world.runs()), world.targets().largestKl());
        Optional<Double> crowded = crowdedUpTo(world.runs(), largest);
        List<Panel> panels = new ArrayList<>();
        String title = world.name().isEmpty() && crowded.isPresent() ? "all runs" : world.name();
        panels.add(panel(title, world, largest, crowded.orElse(0.0)));
        crowded.ifPresent(kl -> panels.add(panel("enlarged: KL ≤ " + Style.rounded(kl, 2) + " nats", world, kl, 0)));
        return new Figure(name, caption(world), 2, panels, legend(world), settings.figures());
    }

    /** Small multiples: each panel shows the marks of all runs faintly, and one series on top. */
    private Figure panelEach(String name, World world) {
        List<Run> runs = world.runs();
        double largest = largestShown(world.frontier(), runs);
        List<Mark> others = runs.stream()
                .collect(Collectors.groupingBy(
                        run -> List.of(design.series(run), design.level(run)), LinkedHashMap::new, Collectors.toList()))
                .values()
                .stream()
                .map(this::mean)
                .filter(mean -> mean.x() <= largest)
                .toList();
        List<Panel> panels = new ArrayList<>();
        for (int i = 0; i < series.size(); i++) {
            String title = series.get(i);
            Panel panel = plane(title, world, largest);
            panel.dots(Style.faint(Style.INK, 0.25), others);
            draw(panel, i, runs, 0, largest);
            List<Run> own = runs.stream()
                    .filter(run -> design.series(run).equals(title))
                    .toList();
            new Targets(design, own).mark(panel, largest);
            panels.add(panel);
        }
        long beyond = runs.stream().filter(run -> kl(run) > largest).count();
        return new Figure(
                name,
                caption(world)
                        + " One panel per series; grey dots: the means of all others."
                        + (beyond > 0
                                ? " Not shown: " + beyond + " of " + runs.size() + " runs beyond the end of the axis."
                                : ""),
                3,
                panels,
                new Legend(optimum(world)),
                settings.figures());
    }

    /** The end of a common axis: the end of the frontier if runs go beyond it, where reward no longer grows. */
    private static double largestShown(List<Mark> frontier, List<Run> runs) {
        double largest = largestKl(runs);
        double end = frontier.stream().mapToDouble(Mark::x).max().orElse(Double.POSITIVE_INFINITY);
        return Math.min(largest, end);
    }

    private String caption(World world) {
        return "Expected true reward against the KL divergence from the reference policy ("
                + axes.scale(KL)
                        .map(scale -> scale == Scale.LINEAR ? "linear" : "logarithmic")
                        .orElse("square-root")
                + " scale)"
                + (world.name().isEmpty() ? "" : ", in the world of " + world.name()) + "."
                + (world.frontier().isEmpty() ? "" : " Black line: the exact optimum at each KL.")
                + world.targets().caption()
                + (design.isRepeated(world.runs())
                        ? " Large marks: mean over seeds (geometric mean of the divergence), with "
                                + summary.kind().description() + ", " + Replication.count(summary)
                                + "; dots: single seeds." + Replication.remarks(settings)
                        : "")
                + (design.factor().isPresent() ? " Numbers: " + design.factorLabel() + ", if there is room." : "")
                + axes.limitsOf(List.of(KL, REWARD));
    }

    /** The largest KL of the series that would be crowded near zero, if any. */
    private Optional<Double> crowdedUpTo(List<Run> runs, double largest) {
        double all = largestKl(runs);
        if (all > 0 && Math.sqrt(all / largest) < ALL_CROWDED) {
            return Optional.of(all);
        }
        Map<String, Double> ends =
                runs.stream().collect(Collectors.toMap(design::series, RewardKlPlane::kl, Math::max));
        return ends.values().stream()
                .filter(end -> end > 0 && Math.sqrt(end / largest) < CROWDED)
                .max(Double::compare);
    }

    /** The plane up to the {@code largest} KL; marks below the KL {@code namedFrom} have no label. */
    private Panel panel(String title, World world, double largest, double namedFrom) {
        Panel panel = plane(title, world, largest);
        double end = axis(world.runs(), largest).high();
        for (int i = 0; i < series.size(); i++) {
            draw(panel, i, world.runs(), namedFrom, end);
        }
        world.targets().mark(panel, end);
        return panel;
    }

    /** From the reference, or on a logarithmic scale, which has no zero, from the run nearest to it. */
    private Axis axis(List<Run> runs, double largest) {
        String label = settings.names().of(KL).orElse("KL(πθ ‖ π_ref) [nats]");
        DoubleStream shown = runs.stream().mapToDouble(RewardKlPlane::kl).filter(kl -> kl <= largest);
        return axes.over(KL, label, Scale.SQUARE_ROOT, DoubleStream.concat(DoubleStream.of(0, largest), shown));
    }

    /** The plane with frontier and reference, without runs. */
    private Panel plane(String title, World world, double largest) {
        Axis x = axis(world.runs(), largest);
        List<Mark> shownFrontier = Mark.upTo(x.high(), world.frontier());
        DoubleStream rewards = DoubleStream.concat(
                shownFrontier.stream().mapToDouble(Mark::y),
                world.runs().stream().filter(run -> kl(run) <= x.high()).mapToDouble(RewardKlPlane::reward));
        Panel panel = new Panel(
                title, x, axes.over(REWARD, Measure.of(REWARD, settings.names()).label(), Scale.LINEAR, rewards));
        panel.line(Style.INK, Style.LINE, shownFrontier);
        frontiers.reference(world.frontier(), world.runs()).ifPresent(reference -> {
            panel.marks(Style.INK, Style.marker(3, 9), List.of(reference));
            panel.label("π_ref", Style.INK, reference);
        });
        return panel;
    }

    /** Adds the marks of one series. A mean is over all seeds of its level; it is shown only if all of them are. */
    private void draw(Panel panel, int index, List<Run> all, double namedFrom, double end) {
        Color color = Style.category(index, series.size());
        List<Run> runs = all.stream()
                .filter(run -> design.series(run).equals(series.get(index)))
                .toList();
        Map<SettingValue, List<Run>> levels = new TreeMap<>();
        runs.forEach(run -> levels.computeIfAbsent(design.level(run), key -> new ArrayList<>())
                .add(run));
        levels.values()
                .removeIf(seeds -> !(mean(seeds).x() <= end)
                        || !Double.isFinite(mean(seeds).y()));
        List<Mark> means = levels.values().stream().map(this::mean).toList();
        levels.values().forEach(seeds -> Targets.tie(panel, color, mean(seeds), seeds, end));
        panel.dots(
                Style.faint(color, 0.45),
                levels.values().stream()
                        .flatMap(List::stream)
                        .map(RewardKlPlane::mark)
                        .toList());
        panel.errorBars(color, true, means);
        panel.line(
                color,
                Style.dashed(1.2f),
                levels.entrySet().stream()
                        .filter(level -> level.getKey().isNumber())
                        .map(level -> mean(level.getValue()))
                        .toList());
        panel.marks(color, Style.marker(index, 8), means);
        List<SettingValue> values = List.copyOf(levels.keySet());
        for (int i = 0; i < values.size(); i++) {
            String levelName = means.get(i).x() < namedFrom
                    ? ""
                    : levelName(values.get(i), i == 0 ? design.levelLabel(runs.get(0)) : "");
            panel.label(levelName, color, means.get(i));
        }
    }

    private String levelName(SettingValue level, String label) {
        String text = level.equals(Design.WITHOUT) ? "" : design.levelText(level);
        return label.isEmpty() || text.isEmpty() ? text : label + (level.isNumber() ? " = " : " ") + text;
    }

    private static List<Legend.Entry> optimum(World world) {
        List<Legend.Entry> entries = new ArrayList<>(
                world.frontier().isEmpty()
                        ? List.of()
                        : List.of(Legend.Entry.line("exact optimum", Style.INK, Style.LINE)));
        entries.addAll(world.targets().legend());
        return entries;
    }

    private Legend legend(World world) {
        List<Legend.Entry> entries = optimum(world);
        IntStream.range(0, series.size())
                .forEach(i -> entries.add(new Legend.Entry(
                        series.get(i).isEmpty() ? "runs" : series.get(i),
                        Style.category(i, series.size()),
                        Style.dashed(1.2f),
                        Style.marker(i, 8))));
        return new Legend(entries);
    }
}
