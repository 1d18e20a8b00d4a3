package dpo.report.results;

import dpo.harness.config.SettingValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The runs of one setting: they differ only in their seed, or in what else a summary generalises over.
 *
 * @param settings swept path → value, without what the runs differ in; a path that they do not have is absent
 * @param completed its completed runs, in the order of {@link Results#runs}
 * @param failed number of its failed and damaged runs
 */
public record Replicates(Map<String, Object> settings, List<Run> completed, int failed) {

    public Replicates {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        completed = List.copyOf(completed);
    }

    /** Groups runs by their settings other than {@code over}, in the order of first appearance. */
    static List<Replicates> of(List<Run> runs, Set<String> over) {
        Map<Map<String, SettingValue>, List<Run>> groups = new LinkedHashMap<>();
        for (Run run : runs) {
            groups.computeIfAbsent(levels(without(run.settings(), over)), key -> new ArrayList<>())
                    .add(run);
        }
        return groups.values().stream()
                .map(group -> new Replicates(
                        without(group.get(0).settings(), over),
                        group.stream().filter(Run::isCompleted).toList(),
                        (int) group.stream().filter(Run::hasFailed).count()))
                .toList();
    }

    private static Map<String, Object> without(Map<String, Object> settings, Set<String> over) {
        Map<String, Object> rest = new LinkedHashMap<>(settings);
        rest.keySet().removeAll(over);
        return rest;
    }

    private static Map<String, SettingValue> levels(Map<String, Object> settings) {
        Map<String, SettingValue> levels = new LinkedHashMap<>();
        settings.forEach((setting, value) -> levels.put(setting, SettingValue.of(value)));
        return levels;
    }

    /** The printed value of a setting; empty if the runs do not have it. */
    public Optional<SettingValue> level(String setting) {
        return Optional.ofNullable(settings.get(setting)).map(SettingValue::of);
    }

    /**
     * The completed runs by seed, in the order of the seeds. A run of a sweep without the axis {@value Results#SEED} has
     * the seed {@link SettingValue#NULL}.
     *
     * @throws IllegalArgumentException if two runs have the same seed, because they then differ in what is not swept
     */
    public SortedMap<SettingValue, Run> bySeed() {
        SortedMap<SettingValue, Run> bySeed = new TreeMap<>();
        for (Run run : completed) {
            SettingValue seed = run.level(Results.SEED).orElse(SettingValue.NULL);
            Run other = bySeed.put(seed, run);
            if (other != null) {
                throw new IllegalArgumentException("runs of a setting must have different seeds, got seed "
                        + seed.text() + " twice: " + other.id() + ", " + run.id() + " (" + describe() + ")");
            }
        }
        return Collections.unmodifiableSortedMap(bySeed);
    }

    /** A metric of the completed runs, in their order; NaN for a run without it. */
    public double[] values(String metric) {
        return completed.stream().mapToDouble(run -> run.metric(metric)).toArray();
    }

    /** The settings in one line, for messages: {@code type = ipo, beta = 0.1}. */
    public String describe() {
        List<String> parts = new ArrayList<>();
        settings.forEach((setting, value) ->
                parts.add(setting + " = " + SettingValue.of(value).text()));
        return parts.isEmpty() ? "the only setting" : String.join(", ", parts);
    }
}
