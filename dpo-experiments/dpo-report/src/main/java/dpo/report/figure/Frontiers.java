package dpo.report.figure;

import dpo.report.results.Results;
import dpo.report.results.Run;
import dpo.report.results.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Points of the exact optimum and of the reference policy in the reward–KL plane. */
final class Frontiers {

    /** The KL below which a policy equals the reference up to rounding. */
    private static final double NO_KL = 1e-9;

    private final Results results;

    Frontiers(Results results) {
        this.results = results;
    }

    /** Run → the exact optimum of its world, by KL. */
    Map<String, List<Mark>> byRun() {
        return marks("frontier", "kl", "reward", "");
    }

    /** The reference policy: the start of the frontier, or of the runs. */
    Optional<Mark> reference(List<Mark> frontier, List<Run> runs) {
        Optional<Mark> onFrontier =
                frontier.stream().filter(point -> point.x() < NO_KL).findFirst();
        Set<String> ids = runs.stream().map(Run::id).collect(Collectors.toSet());
        List<String> evaluated = results.columns("evaluations");
        if (onFrontier.isPresent() || !evaluated.containsAll(List.of("world/kl", "world/reward"))) {
            return onFrontier;
        }
        return marks("evaluations", "\"world/kl\"", "\"world/reward\"", " AND \"world/kl\" < " + NO_KL)
                .entrySet()
                .stream()
                .filter(run -> ids.contains(run.getKey()))
                .flatMap(run -> run.getValue().stream())
                .findFirst();
    }

    private Map<String, List<Mark>> marks(String view, String kl, String reward, String where) {
        Table table = results.query("SELECT run, " + kl + ", " + reward + " FROM " + view + " WHERE " + kl
                + " IS NOT NULL AND " + reward + " IS NOT NULL" + where + " ORDER BY run, " + kl);
        Map<String, List<Mark>> marks = new LinkedHashMap<>();
        for (List<@Nullable Object> row : table.rows()) {
            if (row.get(1) instanceof Number x && row.get(2) instanceof Number y) {
                marks.computeIfAbsent(String.valueOf(row.get(0)), run -> new ArrayList<>())
                        .add(Mark.at(x.doubleValue(), y.doubleValue()));
            }
        }
        return marks;
    }
}
