package dpo.torch.family;

import dpo.torch.nn.Architecture;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;

/** The families on the class path. */
public final class Families {

    private Families() {}

    /**
     * The family of a configuration.
     *
     * @throws IllegalArgumentException if it belongs to none; the message lists the supported ones
     */
    public static Family of(ConfigJson config) {
        return config.located(() -> named(config));
    }

    private static Family named(ConfigJson config) {
        String modelType = config.text("model_type", "");
        String architecture = config.texts("architectures")
                .flatMap(names -> names.stream().findFirst())
                .orElse("");
        return all().stream()
                .filter(family -> family.modelType().equals(modelType))
                .filter(family ->
                        architecture.isEmpty() || family.architecture().equals(architecture))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("architecture must be one of "
                        + all().stream().map(Families::described).toList() + ", got "
                        + (architecture.isEmpty() ? "none" : architecture) + " (model_type " + modelType + ")"));
    }

    /**
     * The architecture that a configuration describes.
     *
     * @throws IllegalArgumentException if its family is unknown, or the configuration is wrong or unsupported
     */
    public static Architecture read(ConfigJson config) {
        return config.located(() -> named(config).read(config));
    }

    private static List<Family> all() {
        return ServiceLoader.load(Family.class).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparing(Family::architecture))
                .toList();
    }

    private static String described(Family family) {
        return family.architecture() + " (model_type " + family.modelType() + ")";
    }
}
