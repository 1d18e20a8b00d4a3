package dpo.harness.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The files and the settings of a complete configuration. */
public final class ResolvedConfig {

    private ResolvedConfig() {}

    /**
     * A part of a configuration as plain data.
     *
     * @param paths what is written in place of each path
     */
    public static Map<String, Object> plain(Record settings, Backends backends, UnaryOperator<Path> paths) {
        return ConfigWriter.moving(Codecs.all(backends), paths).record(settings);
    }

    /** The files and folders that a configuration names, in its order, each once. */
    public static Set<Path> paths(ExperimentConfig config, Backends backends) {
        Set<Path> paths = new LinkedHashSet<>();
        plain(config, backends, path -> {
            paths.add(path);
            return path;
        });
        return paths;
    }

    /**
     * The same run with its files and folders at other places.
     *
     * @param moved the new place of each path
     * @param threads number of threads of the backend
     */
    public static ExperimentConfig moved(
            ExperimentConfig config, UnaryOperator<Path> moved, int threads, Backends backends) {
        String yaml = ConfigWriter.yaml(plain(config, backends, moved));
        List<String> overrides = config.execution().threads() == threads ? List.of() : List.of("threads=" + threads);
        return ExperimentFile.of(yaml, Path.of("config.yaml"), overrides, backends)
                .cells()
                .get(0)
                .config();
    }

    /**
     * All settings that can change a result, by dotted path: without files, whose content counts, and without device
     * and threads, which belong to the environment of a run.
     */
    public static Map<String, Object> effective(ExperimentConfig config, Backends backends) {
        Map<String, Object> flat = new LinkedHashMap<>();
        ConfigWriter.ofIdentity(Codecs.all(backends)).record(config).forEach((key, value) -> flatten(key, value, flat));
        List.of("name", "device", "threads", "training.checkpoint_every").forEach(flat::remove);
        return flat;
    }

    private static void flatten(String path, Object value, Map<String, Object> into) {
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            map.forEach((key, inner) -> flatten(Binder.join(path, String.valueOf(key)), inner, into));
        } else if (value instanceof List<?> list && list.stream().anyMatch(Map.class::isInstance)) {
            for (int i = 0; i < list.size(); i++) {
                flatten(path + "[" + i + "]", list.get(i), into);
            }
        } else {
            into.put(path, value);
        }
    }
}
