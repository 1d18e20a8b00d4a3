package dpo.harness.sweep;

import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.SettingValue;
import dpo.harness.run.PreparedData;
import dpo.harness.store.RunFolder;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A run that has passed all checks and can start.
 *
 * @param settings its values of the swept settings
 * @param config its configuration
 * @param data its tokens
 * @param maxLength largest length of a sequence of its model
 * @param identity hashes of everything that affects its results
 */
public record PlannedRun(
        Map<String, @Nullable Object> settings,
        ExperimentConfig config,
        PreparedData data,
        int maxLength,
        Identity identity) {

    /** In bytes, since file systems limit names to 255 of them. */
    private static final int LONGEST_LABEL = 100;

    /** All but letters and digits of any script and a few signs that are safe in names of files. */
    private static final Pattern UNSAFE = Pattern.compile("[^\\w=,.+-]", Pattern.UNICODE_CHARACTER_CLASS);

    /** One sentence per setting that has no or only a partial effect, given the run's number of steps and turns. */
    public List<String> ineffectiveSettings() {
        return IneffectiveSettings.of(config, data.tokens());
    }

    /** The settings as part of a folder's name: {@code beta=0.1,seed=1}. */
    String label() {
        String label = settings.entrySet().stream()
                .map(entry -> entry.getKey().substring(entry.getKey().lastIndexOf('.') + 1) + "="
                        + SettingValue.of(entry.getValue()).text())
                .collect(Collectors.joining(","));
        // File systems may take the composed and the decomposed form of a letter as the same name, or not.
        return cut(
                UNSAFE.matcher(Normalizer.normalize(label, Normalizer.Form.NFC)).replaceAll("_"));
    }

    /** The longest beginning of at most {@value #LONGEST_LABEL} bytes in UTF-8, without half a letter. */
    private static String cut(String label) {
        byte[] bytes = label.getBytes(StandardCharsets.UTF_8);
        int end = Math.min(bytes.length, LONGEST_LABEL);
        while (end < bytes.length && (bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    /** The run's name within its sweep: its label, or the experiment's name if the label is empty. */
    String name() {
        return label().isEmpty() ? config.name() : label();
    }

    /** The name of the run's folder: name and short hash. */
    public String id() {
        return name() + "-" + identity.shortHash();
    }

    /** One sentence per two runs with other settings, but the same folder: they have one configuration. */
    static List<String> equalNames(List<PlannedRun> runs) {
        Map<String, PlannedRun> first = new HashMap<>();
        List<String> problems = new ArrayList<>();
        for (PlannedRun run : runs) {
            PlannedRun other = first.computeIfAbsent(run.id(), id -> run);
            if (!other.settings().equals(run.settings())) {
                problems.add("sweep must have settings with different names of folders, got " + run.name()
                        + " for two: " + other.settings() + " and " + run.settings());
            }
        }
        return problems;
    }

    /** The short hash at the end of a run folder's name. */
    static String hashIn(String id) {
        return id.substring(id.lastIndexOf('-') + 1);
    }

    /** The files and folders of the completed run. */
    List<String> results() {
        List<String> results = new ArrayList<>(
                List.of("config.yaml", RunFolder.METRICS, RunFolder.EVALUATIONS, RunFolder.PAIRS, "tensorboard"));
        if (config.training().saveModel()) {
            results.add("checkpoints/final");
        }
        if (config.training().best().isPresent()) {
            results.add("checkpoints/best");
        }
        if (config.training().samples().isPresent()) {
            results.add(RunFolder.SAMPLES);
        }
        return results;
    }
}
