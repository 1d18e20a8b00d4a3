package dpo.report.figure;

import dpo.harness.store.OutputException;
import dpo.report.results.Results;
import dpo.report.results.Run;
import dpo.report.results.Table;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
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

    private static final String KL = "world/kl";
    private static final String REWARD = "world/reward";

    private final Results results;

    Frontiers(Results results) {
        this.results = results;
    }

    /** Run → the exact optimum of its world, by KL. Of equal files, which runs in the same world have, one is parsed. */
    Map<String, List<Mark>> byRun() {
        Map<ByteBuffer, List<String>> worlds = new LinkedHashMap<>();
        for (Run run : results.runs()) {
            if (!run.status().equals(Run.DAMAGED)) {
                content(run.folder().resolve("frontier.jsonl"))
                        .ifPresent(lines -> worlds.computeIfAbsent(lines, key -> new ArrayList<>())
                                .add(run.id()));
            }
        }
        Set<String> firsts = worlds.values().stream().map(ids -> ids.get(0)).collect(Collectors.toSet());
        Map<String, List<Mark>> read = marks("frontier", "kl", "reward", firsts, "");
        Map<String, List<Mark>> byRun = new LinkedHashMap<>();
        worlds.values().forEach(ids -> ids.forEach(id -> byRun.put(id, read.getOrDefault(ids.get(0), List.of()))));
        return byRun;
    }

    private static Optional<ByteBuffer> content(Path file) {
        try {
            return Files.exists(file) ? Optional.of(ByteBuffer.wrap(Files.readAllBytes(file))) : Optional.empty();
        } catch (IOException e) {
            throw OutputException.reading(file, e);
        }
    }

    /** The reference policy: the start of the frontier, or of the runs. */
    Optional<Mark> reference(List<Mark> frontier, List<Run> runs) {
        Optional<Mark> onFrontier =
                frontier.stream().filter(point -> point.x() < NO_KL).findFirst();
        Set<String> ids = runs.stream().map(Run::id).collect(Collectors.toSet());
        if (onFrontier.isPresent() || !results.columns("evaluations").containsAll(List.of(KL, REWARD))) {
            return onFrontier;
        }
        return marks("evaluations", KL, REWARD, ids, " AND \"world/kl\" < " + NO_KL).values().stream()
                .flatMap(List::stream)
                .findFirst();
    }

    private Map<String, List<Mark>> marks(String view, String x, String y, Set<String> runs, String where) {
        String kl = '"' + x + '"';
        String reward = '"' + y + '"';
        Table table = results.query(
                "SELECT run, " + kl + ", " + reward + " FROM " + results.part(view, List.of(x, y), runs) + " WHERE "
                        + kl + " IS NOT NULL AND " + reward + " IS NOT NULL" + where + " ORDER BY run, " + kl);
        Map<String, List<Mark>> marks = new LinkedHashMap<>();
        for (List<@Nullable Object> row : table.rows()) {
            if (row.get(1) instanceof Number at && row.get(2) instanceof Number value) {
                marks.computeIfAbsent(String.valueOf(row.get(0)), run -> new ArrayList<>())
                        .add(Mark.at(at.doubleValue(), value.doubleValue()));
            }
        }
        return marks;
    }
}
