package dpo.harness.reproduce;

import dpo.data.provenance.RunProvenance;
import dpo.harness.config.SettingValue;
import dpo.harness.run.RowDigest;
import dpo.harness.store.InputFile;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.harness.sweep.RunInputs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An input or a part of the environment in which two runs differ.
 *
 * @param part {@code setting}, {@code file}, {@code data}, {@code model}, {@code code} or {@code environment}; of two
 *     sweeps also {@code cell}
 * @param name of the setting, file, part of the data, tensor, class, entry or cell
 * @param recorded its value in the first run
 * @param again its value in the second run
 */
public record InputDifference(String part, String name, String recorded, String again) {

    private static final String ABSENT = "absent";
    private static final int MOST_NAMED = 12;
    private static final int DIGITS = 12;
    private static final Pattern COUNT = Pattern.compile("(dataset|instance-values)\\..*(num-examples|rows-.*)");

    /** All differences; of runs that do not record their inputs in detail, the parts of the identity. */
    public static List<InputDifference> between(RunFolder recorded, RunFolder again) {
        Differences differences = new Differences();
        RunRecord a = recorded.record().orElseThrow();
        RunRecord b = again.record().orElseThrow();
        RunInputs inputs = RunInputs.in(recorded).orElse(null);
        RunInputs others = RunInputs.in(again).orElse(null);
        if (inputs != null && others != null) {
            differences.entries("setting", texts(inputs.settings()), texts(others.settings()));
            List<String> names = names(inputs);
            List<String> otherNames = names(others);
            boolean sameNumber = names.size() == otherNames.size();
            List<String> common = sameNumber ? joined(names, otherNames) : List.of();
            differences.entries(
                    "file",
                    hashes(inputs, sameNumber ? common : names),
                    hashes(others, sameNumber ? common : otherNames));
            differences.rows(inputs.rows(), others.rows());
            differences.many("model", "tensors", inputs.tensors(), others.tensors());
            differences.code(inputs.classes(), others.classes());
        }
        differences.entries("data", counts(recorded), counts(again));
        differences.entries("environment", a.environment(), b.environment());
        differences.identity(a.identity(), b.identity(), inputs != null && others != null);
        return differences.found;
    }

    private static Map<String, String> texts(Map<String, @Nullable Object> settings) {
        Map<String, String> texts = new LinkedHashMap<>();
        settings.forEach((key, value) -> texts.put(key, SettingValue.of(value).text()));
        return texts;
    }

    /** A name for each input: the last part of its path, or the whole path if another input has that name. */
    private static List<String> names(RunInputs inputs) {
        List<String> last = inputs.files().keySet().stream()
                .map(path -> String.valueOf(Path.of(path).getFileName()))
                .toList();
        return inputs.files().keySet().stream()
                .map(path -> {
                    String name = String.valueOf(Path.of(path).getFileName());
                    return Collections.frequency(last, name) == 1 ? name : path;
                })
                .toList();
    }

    /** The name of each input; both names, if they differ. */
    private static List<String> joined(List<String> names, List<String> others) {
        List<String> joined = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            joined.add(name.equals(others.get(i)) ? name : name + " | " + others.get(i));
        }
        return joined;
    }

    /** The hash of each input file, by the name of its input, since inputs may have moved. */
    private static Map<String, String> hashes(RunInputs inputs, List<String> names) {
        Map<String, String> hashes = new LinkedHashMap<>();
        Iterator<String> next = names.iterator();
        inputs.files().values().forEach(files -> {
            String input = next.next();
            files.forEach((name, file) -> hashes.put(
                    name.equals(InputFile.ITSELF) ? input : input + "/" + name,
                    file.sha256().substring(0, DIGITS)));
        });
        return hashes;
    }

    /** Numbers of rows, from the provenance of the run. */
    private static Map<String, String> counts(RunFolder folder) {
        Map<String, String> counts = new LinkedHashMap<>();
        folder.provenance("run")
                .ifPresent(json -> RunProvenance.flat(RunProvenance.read(json)).forEach((path, value) -> {
                    if (COUNT.matcher(path).matches()) {
                        counts.put(
                                path.replaceFirst("^dataset\\.(datasource\\.)?", "train.")
                                        .replaceFirst("^instance-values\\.", ""),
                                value);
                    }
                }));
        return counts;
    }

    private static final class Differences {

        private final List<InputDifference> found = new ArrayList<>();

        void add(String part, String name, String recorded, String again) {
            found.add(new InputDifference(part, name, recorded, again));
        }

        void entries(String part, Map<String, String> recorded, Map<String, String> again) {
            for (String key : different(recorded, again)) {
                add(part, key, recorded.getOrDefault(key, ABSENT), again.getOrDefault(key, ABSENT));
            }
        }

        /** Like {@link #entries}, but counted if there are more than a person reads. */
        void many(String part, String name, Map<String, String> recorded, Map<String, String> again) {
            Set<String> different = different(recorded, again);
            if (different.size() <= MOST_NAMED) {
                entries(part, recorded, again);
            } else {
                String first = different.iterator().next();
                add(part, name, recorded.size() + "", different.size() + " differ, the first is " + first);
            }
        }

        /** Classes by name; if they are many, counted by package. */
        void code(Map<String, String> recorded, Map<String, String> again) {
            Set<String> different = different(recorded, again);
            if (different.size() <= MOST_NAMED) {
                entries("code", recorded, again);
                return;
            }
            SortedMap<String, Integer> packages = new TreeMap<>();
            different.forEach(
                    name -> packages.merge(name.substring(0, Math.max(0, name.lastIndexOf('.'))), 1, Integer::sum));
            packages.forEach((name, count) -> add("code", name, "", count + " classes differ"));
        }

        void rows(Map<String, List<RowDigest>> recorded, Map<String, List<RowDigest>> again) {
            Set<String> parts = new LinkedHashSet<>(recorded.keySet());
            parts.addAll(again.keySet());
            for (String part : parts) {
                List<RowDigest> a = recorded.getOrDefault(part, List.of());
                List<RowDigest> b = again.getOrDefault(part, List.of());
                new RowDifference(a, b)
                        .text()
                        .ifPresent(text -> add("data", part, a.size() + " rows", b.size() + " rows: " + text));
            }
        }

        /** Parts of the identity that differ and of which nothing is said yet. */
        void identity(Map<String, String> recorded, Map<String, String> again, boolean isDetailed) {
            for (String part : different(recorded, again)) {
                String name = part.equals("config") ? "setting" : part;
                boolean isSaid = found.stream()
                        .anyMatch(one -> one.part().equals(name)
                                || (part.equals("code") && one.name().equals("engine")));
                // The number of threads may stand in one configuration only.
                if (!isSaid && !(isDetailed && part.equals("config"))) {
                    add(name, "hash", shortened(recorded.get(part)), shortened(again.get(part)));
                }
            }
        }

        private static String shortened(@Nullable String hash) {
            return hash == null ? ABSENT : hash.substring(0, Math.min(DIGITS, hash.length()));
        }

        private static Set<String> different(Map<String, String> recorded, Map<String, String> again) {
            Set<String> keys = new LinkedHashSet<>(recorded.keySet());
            keys.addAll(again.keySet());
            keys.removeIf(key -> Objects.equals(recorded.get(key), again.get(key)));
            return keys;
        }
    }
}
