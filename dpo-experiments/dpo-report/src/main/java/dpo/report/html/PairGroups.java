package dpo.report.html;

import dpo.harness.config.EvaluationSources;
import dpo.report.results.Run;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Which runs have the same held-out pairs. Pairs of different data may have the same ids: in the controlled world, for
 * example, they depend on the seed.
 */
record PairGroups(List<Run> runs) {

    /** What does not change the pairs. */
    private static final Set<String> WITHOUT_EFFECT = Set.of("path", "source", "reader", "tokenized");

    /** The groups of these runs; group 0 has the first completed run, whose texts the page has. */
    static PairGroups of(List<Run> runs) {
        return new PairGroups(
                Stream.concat(runs.stream().filter(Run::isCompleted).limit(1), runs.stream())
                        .distinct()
                        .toList());
    }

    /** The number of the group of each run, by the run's id. */
    Map<String, Integer> of(String set) {
        Map<Map<String, JsonNode>, Integer> groups = new LinkedHashMap<>();
        Map<String, Integer> byRun = new LinkedHashMap<>();
        for (Run run : runs) {
            Map<String, JsonNode> data = new TreeMap<>();
            run.document().path("provenance").path(EvaluationSources.part(set)).properties().stream()
                    .filter(fact -> !WITHOUT_EFFECT.contains(fact.getKey()))
                    .forEach(fact -> data.put(fact.getKey(), fact.getValue()));
            int next = groups.size();
            byRun.put(run.id(), groups.computeIfAbsent(data, key -> next));
        }
        return byRun;
    }
}
