package dpo.harness.config;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** The values of YAML scalars in the core schema: null, booleans, 64-bit integers, doubles, text. */
final class YamlScalars {

    private static final Pattern NOT_ZERO = Pattern.compile("[-+]?[0.]*[1-9].*");

    private final ScalarResolver resolver = new CoreSchema().getScalarResolver();

    /**
     * A value: {@link ConfigNode.Nothing}, Boolean, Long, Double or String; empty if its tag is unknown or does not
     * match.
     *
     * @throws NumberFormatException if a number does not fit 64 bits, or is not 0 but rounds to 0
     */
    Optional<Object> value(ScalarEvent event) {
        String text = event.getValue();
        Tag resolved = resolver.resolve(text, event.isPlain());
        if (event.getTag().filter(tag -> !tag.equals("!")).isEmpty()) {
            boolean isText = event.getTag().isPresent() || !event.isPlain();
            return Optional.of(isText ? text : value(text, resolved));
        }
        Tag tag = new Tag(event.getTag().get());
        Tag plain = resolver.resolve(text, true);
        if (tag.equals(Tag.STR)) {
            return Optional.of(text);
        }
        boolean suits = tag.equals(plain) || (tag.equals(Tag.FLOAT) && plain.equals(Tag.INT));
        return suits ? Optional.of(value(text, tag)) : Optional.empty();
    }

    private static Object value(String text, Tag tag) {
        if (tag.equals(Tag.NULL)) {
            return ConfigNode.Nothing.NULL;
        } else if (tag.equals(Tag.BOOL)) {
            return Boolean.parseBoolean(text);
        } else if (tag.equals(Tag.INT)) {
            return integer(text);
        }
        return tag.equals(Tag.FLOAT) ? (Object) floating(text) : text;
    }

    private static Long integer(String text) {
        if (text.startsWith("0o")) {
            return Long.parseLong(text.substring(2), 8);
        }
        return text.startsWith("0x") ? Long.parseLong(text.substring(2), 16) : Long.parseLong(text);
    }

    private static Double floating(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.endsWith(".inf")) {
            return lower.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        } else if (lower.equals(".nan")) {
            return Double.NaN;
        }
        double value = Double.parseDouble(text);
        if (Double.isInfinite(value)
                || (value == 0 && NOT_ZERO.matcher(lower.split("e", 2)[0]).matches())) {
            throw new NumberFormatException(text);
        }
        return value;
    }
}
