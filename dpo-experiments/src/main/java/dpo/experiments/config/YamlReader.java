package dpo.experiments.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Reads YAML 1.2 (core schema) into a {@link ConfigNode} tree. Duplicate keys are errors; anchors and aliases work; merge
 * keys ({@code <<}) are not part of YAML 1.2 and are refused as unknown keys.
 */
final class YamlReader {

    private final String source;
    private final Path folder;
    private final List<ConfigError> errors = new ArrayList<>();

    private YamlReader(String source, Path folder) {
        this.source = source;
        this.folder = folder;
    }

    /**
     * The mapping in a file.
     *
     * @throws ConfigException where the file is missing, is no YAML, or holds no mapping
     */
    static ConfigNode.Mapping readFile(Path file) {
        Path folder = file.toAbsolutePath().normalize().getParent();
        Place start = new Place(file.toString(), 0, 0, folder);
        ConfigNode node = read(text(file, start), file.toString(), folder);
        if (node instanceof ConfigNode.Mapping mapping) {
            return mapping;
        }
        throw new ConfigException(new ConfigError("", "config must be a mapping of keys, got " + node.text(), start));
    }

    /** The value in a piece of text, which is a whole document. */
    static ConfigNode read(String text, String source, Path folder) {
        YamlReader reader = new YamlReader(source, folder);
        ConfigNode node = reader.compose(text);
        if (!reader.errors.isEmpty()) {
            throw new ConfigException(reader.errors);
        }
        return node;
    }

    private static String text(Path file, Place start) {
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new ConfigException(new ConfigError("", "config must be UTF-8 text", start));
        } catch (IOException e) {
            String why = Files.exists(file) ? "must be readable: " + e.getMessage() : "must exist, found no such file";
            throw new ConfigException(new ConfigError("", "config " + why, start));
        }
    }

    private ConfigNode compose(String text) {
        LoadSettings settings =
                LoadSettings.builder().setLabel(source).setSchema(new CoreSchema()).build();
        try {
            Optional<Node> root = new Compose(settings).composeString(text);
            return root.map(this::convert)
                    .orElseGet(() -> new ConfigNode.Scalar(new Place(source, 1, 1, folder), ConfigNode.Nothing.NULL));
        } catch (MarkedYamlEngineException e) {
            throw new ConfigException(new ConfigError("", "config must be YAML: " + e.getProblem(), place(e.getProblemMark())));
        } catch (YamlEngineException e) {
            throw new ConfigException(
                    new ConfigError("", "config must be YAML: " + e.getMessage(), new Place(source, 0, 0, folder)));
        }
    }

    private ConfigNode convert(Node node) {
        Place place = place(node.getStartMark());
        if (node instanceof MappingNode mapping) {
            return mapping(mapping, place);
        }
        if (node instanceof SequenceNode sequence) {
            return new ConfigNode.Sequence(
                    place, sequence.getValue().stream().map(this::convert).toList());
        }
        return new ConfigNode.Scalar(place, scalar((ScalarNode) node, place));
    }

    private ConfigNode mapping(MappingNode mapping, Place place) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Place keyPlace = place(tuple.getKeyNode().getStartMark());
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                errors.add(new ConfigError("", "a key must be a plain name", keyPlace));
                continue;
            }
            if (entries.put(key.getValue(), convert(tuple.getValueNode())) != null) {
                errors.add(new ConfigError(key.getValue(), "must be given once, got it again", keyPlace));
            }
        }
        return new ConfigNode.Mapping(place, entries);
    }

    private Object scalar(ScalarNode node, Place place) {
        String text = node.getValue();
        Tag tag = node.getTag();
        try {
            if (tag.equals(Tag.NULL)) {
                return ConfigNode.Nothing.NULL;
            } else if (tag.equals(Tag.BOOL)) {
                return Boolean.parseBoolean(text);
            } else if (tag.equals(Tag.INT)) {
                return integer(text);
            } else if (tag.equals(Tag.FLOAT)) {
                return floating(text);
            }
            return text;
        } catch (NumberFormatException e) {
            errors.add(new ConfigError("", "number must fit 64 bits, got " + text, place));
            return 0L;
        }
    }

    private static Long integer(String text) {
        if (text.startsWith("0o")) {
            return Long.parseLong(text.substring(2), 8);
        }
        return text.startsWith("0x") ? Long.parseLong(text.substring(2), 16) : Long.parseLong(text);
    }

    private static Double floating(String text) {
        String lower = text.toLowerCase(java.util.Locale.ROOT);
        if (lower.endsWith(".inf")) {
            return lower.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        return lower.equals(".nan") ? Double.valueOf(Double.NaN) : Double.valueOf(text);
    }

    private Place place(Optional<Mark> mark) {
        return mark.map(m -> new Place(source, m.getLine() + 1, m.getColumn() + 1, folder))
                .orElseGet(() -> new Place(source, 0, 0, folder));
    }
}
