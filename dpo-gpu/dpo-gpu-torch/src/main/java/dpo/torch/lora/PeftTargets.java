package dpo.torch.lora;

import dpo.torch.checkpoint.JsonFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The modules that an adapter's configuration selects: {@code target_modules}, {@code exclude_modules},
 * {@code layers_to_transform} and {@code layers_pattern}, as PEFT reads them ({@code check_target_module_exists}). A
 * list matches a module by its name or the last parts of it, a string is a regular expression for the whole name.
 */
final class PeftTargets {

    private static final String LAYER = "\\.(\\d+)\\.";

    private final Path path;
    private final boolean allLinear;
    private final Predicate<String> targets;
    private final Predicate<String> excluded;
    private final Optional<List<Integer>> layers;
    private final List<PeftPattern> layerPatterns;

    /**
     * Reads them from a configuration.
     *
     * @param path its file, for messages
     * @throws IllegalArgumentException if a key has a value that PEFT would reject too, or that selects no module
     */
    PeftTargets(JsonNode config, Path path) {
        this.path = path;
        JsonNode given = config.path("target_modules");
        allLinear = given.asString("").equalsIgnoreCase(LoraAdapter.ALL);
        targets = allLinear
                ? name -> true
                : names(given, "target_modules")
                        .orElseThrow(() -> new IllegalArgumentException(
                                "target_modules must be a list of names, a regular expression or all-linear," + " got "
                                        + JsonFile.shown(given)));
        excluded = names(config.path("exclude_modules"), "exclude_modules").orElse(name -> false);
        layers = integers(config.path("layers_to_transform"));
        layerPatterns = patterns(config.path("layers_pattern"));
        if (layers.isPresent() && given.isString()) {
            throw new IllegalArgumentException(
                    "layers_to_transform must be absent if target_modules is not a list, got " + layers.get());
        }
        if (layers.isEmpty() && !isEmpty(config.path("layers_pattern"))) {
            throw new IllegalArgumentException("layers_pattern must be absent without layers_to_transform, got "
                    + JsonFile.shown(config.path("layers_pattern")));
        }
    }

    /** Whether they include a projection of a layer. */
    boolean include(String projection) {
        return !excluded.test(projection) && targets.test(projection) && isInLayers(projection);
    }

    /** Whether they include an embedding or the head, which are not projections of a layer. */
    boolean includeOther(String module) {
        return !allLinear && include(module);
    }

    private boolean isInLayers(String name) {
        return layers.isEmpty()
                || layerPatterns.stream()
                        .flatMap(pattern -> pattern.groupAtStart(name).stream())
                        .findFirst()
                        .filter(layer -> layers.get().stream()
                                .anyMatch(chosen -> chosen.toString().equals(layer)))
                        .isPresent();
    }

    private Optional<Predicate<String>> names(JsonNode value, String key) {
        if (value.isString()) {
            PeftPattern pattern = new PeftPattern(key, value.stringValue(), path);
            return Optional.of(pattern::matches);
        }
        return strings(value, key)
                .filter(names -> !names.isEmpty())
                .map(names -> name -> names.stream().anyMatch(part -> LoraAdapter.isNamed(part, name)));
    }

    private static Optional<List<Integer>> integers(JsonNode value) {
        if (isEmpty(value)) {
            return Optional.empty();
        }
        Stream<JsonNode> elements = value.isArray() ? value.valueStream() : Stream.of(value);
        return Optional.of(elements.map(element -> {
                    if (!element.isIntegralNumber() || !element.canConvertToInt()) {
                        throw new IllegalArgumentException(
                                "layers_to_transform must be a whole number or a list of them, got "
                                        + JsonFile.shown(value));
                    }
                    return element.intValue();
                })
                .toList());
    }

    /** Without a given pattern, the first number between two dots after at least two parts of the name. */
    private List<PeftPattern> patterns(JsonNode value) {
        String key = "layers_pattern";
        List<String> given = value.isString()
                ? Stream.of(value.stringValue())
                        .filter(pattern -> !pattern.isEmpty())
                        .toList()
                : strings(value, key).orElse(List.of());
        return given.isEmpty()
                ? List.of(new PeftPattern(key, ".*?\\.[^.]*" + LAYER, path))
                : given.stream()
                        .map(pattern -> new PeftPattern(key, "(?:^|.*?\\.)(?:" + pattern + ")" + LAYER, path))
                        .toList();
    }

    /** A list of strings; empty if absent. */
    private static Optional<List<String>> strings(JsonNode value, String key) {
        if (PeftConfig.isAbsent(value)) {
            return Optional.empty();
        }
        if (!value.isArray() || !value.valueStream().allMatch(JsonNode::isString)) {
            throw new IllegalArgumentException(
                    key + " must be a list of names or a regular expression, got " + JsonFile.shown(value));
        }
        return Optional.of(value.valueStream().map(JsonNode::stringValue).toList());
    }

    private static boolean isEmpty(JsonNode value) {
        return PeftConfig.isAbsent(value)
                || (value.isArray() && value.isEmpty())
                || (value.isString() && value.stringValue().isEmpty());
    }
}
