package dpo.harness.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Builds a {@link ConfigNode} tree from the events of one YAML document. A document has at most {@value #MOST_VALUES}
 * values, which count again for each alias, and at most {@value #DEEPEST} levels. It refuses duplicate keys, merge keys
 * ({@code <<}, which YAML 1.2 does not have), keys that are not scalars, tags outside of the core schema, aliases of a
 * value within itself, further documents, and numbers that do not fit 64 bits.
 */
final class YamlComposer {

    static final int DEEPEST = 64;
    static final int MOST_VALUES = 100_000;

    private final String source;
    private final Path folder;
    private final List<ConfigError> errors = new ArrayList<>();
    private final Map<Anchor, Anchored> anchors = new HashMap<>();
    private final YamlScalars scalars = new YamlScalars();
    private Iterator<Event> events = List.<Event>of().iterator();
    private int values;

    /** A value that aliases may repeat, and its number of values. */
    private record Anchored(ConfigNode node, int size) {}

    YamlComposer(String source, Path folder) {
        this.source = source;
        this.folder = folder;
    }

    /**
     * The value of a document; null if it is empty.
     *
     * @throws ConfigException with all recoverable errors, or the first fatal one
     * @throws org.snakeyaml.engine.v2.exceptions.YamlEngineException if the text is not YAML
     */
    ConfigNode compose(String text) {
        LoadSettings settings = LoadSettings.builder().setLabel(source).build();
        events = new Parse(settings).parseString(text).iterator();
        ConfigNode root = new ConfigNode.Scalar(new Place(source, 1, 1, folder), ConfigNode.Nothing.NULL);
        boolean isRead = false;
        while (events.hasNext()) {
            Event event = events.next();
            if (event.getEventId() == Event.ID.DocumentStart) {
                if (isRead) {
                    throw new ConfigException(error("", "config must be one document, got another", event));
                }
                root = node(events.next(), 0);
                isRead = true;
            }
        }
        if (!errors.isEmpty()) {
            throw new ConfigException(errors);
        }
        return root;
    }

    private ConfigNode node(Event event, int depth) {
        if (event instanceof AliasEvent alias) {
            return repeated(alias);
        }
        int before = values;
        count(1, event);
        if (depth > DEEPEST) {
            throw new ConfigException(error("", "config must have at most " + DEEPEST + " levels, got more", event));
        }
        ConfigNode node =
                event instanceof ScalarEvent scalar ? scalar(scalar) : collection((CollectionStartEvent) event, depth);
        ((NodeEvent) event).getAnchor().ifPresent(anchor -> anchors.put(anchor, new Anchored(node, values - before)));
        return node;
    }

    private ConfigNode repeated(AliasEvent alias) {
        Anchored anchored = anchors.get(alias.getAlias());
        if (anchored == null) {
            throw new ConfigException(error(
                    "",
                    "alias *" + alias.getAlias() + " must repeat a value that ends before it, found no such &"
                            + alias.getAlias(),
                    alias));
        }
        count(anchored.size(), alias);
        return anchored.node();
    }

    private void count(int more, Event event) {
        values += more;
        if (values > MOST_VALUES) {
            throw new ConfigException(error(
                    "",
                    "config must have at most " + MOST_VALUES
                            + " values, those that aliases repeat among them, got more",
                    event));
        }
    }

    private ConfigNode collection(CollectionStartEvent start, int depth) {
        boolean isMapping = start instanceof MappingStartEvent;
        requireTag(start.getTag(), isMapping ? Tag.MAP : Tag.SEQ, start);
        return isMapping ? mapping(start, depth) : sequence(start, depth);
    }

    private ConfigNode sequence(CollectionStartEvent start, int depth) {
        List<ConfigNode> items = new ArrayList<>();
        Event next = events.next();
        while (next.getEventId() != Event.ID.SequenceEnd) {
            items.add(node(next, depth + 1));
            next = events.next();
        }
        return new ConfigNode.Sequence(place(start.getStartMark()), items);
    }

    private ConfigNode mapping(CollectionStartEvent start, int depth) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>();
        Event key = events.next();
        while (key.getEventId() != Event.ID.MappingEnd) {
            boolean isName = key instanceof ScalarEvent;
            ConfigNode named = isName ? name((ScalarEvent) key) : node(key, depth + 1);
            ConfigNode value = node(events.next(), depth + 1);
            String name = named.plain().toString();
            if (!isName) {
                errors.add(error("", "a key must be a plain name, got " + named.text(), key));
            } else if (name.equals("<<") && ((ScalarEvent) key).isPlain()) {
                errors.add(error("<<", "is not a key here: YAML 1.2 has no merge keys; write the keys out", key));
            } else if (entries.put(name, value) != null) {
                errors.add(error(name, "must be given once, got it again", key));
            }
            key = events.next();
        }
        return new ConfigNode.Mapping(place(start.getStartMark()), entries);
    }

    /** Reads a key, which is always text. */
    private ConfigNode name(ScalarEvent key) {
        count(1, key);
        ConfigNode name = new ConfigNode.Scalar(place(key.getStartMark()), key.getValue());
        key.getAnchor().ifPresent(anchor -> anchors.put(anchor, new Anchored(name, 1)));
        return name;
    }

    private ConfigNode scalar(ScalarEvent event) {
        Optional<Object> value = Optional.empty();
        try {
            value = scalars.value(event);
        } catch (NumberFormatException e) {
            errors.add(error("", "number must fit 64 bits, got " + MessageText.shortened(event.getValue()), event));
        }
        if (value.isEmpty() && event.getTag().isPresent()) {
            errors.add(error(
                    "",
                    "tag must be one of YAML's core schema that suits the value, got "
                            + event.getTag().get() + " " + MessageText.shortened(event.getValue()),
                    event));
        }
        return new ConfigNode.Scalar(place(event.getStartMark()), value.orElse(event.getValue()));
    }

    private void requireTag(Optional<String> tag, Tag expected, Event event) {
        if (tag.isPresent() && !tag.get().equals("!") && !tag.get().equals(expected.getValue())) {
            errors.add(
                    error("", "tag must be one of YAML's core schema that suits the value, got " + tag.get(), event));
        }
    }

    private ConfigError error(String path, String problem, Event event) {
        return new ConfigError(path, problem, place(event.getStartMark()));
    }

    /** The location of a mark. */
    Place place(Optional<Mark> mark) {
        return mark.map(m -> new Place(source, m.getLine() + 1, m.getColumn() + 1, folder))
                .orElseGet(() -> new Place(source, 0, 0, folder));
    }
}
