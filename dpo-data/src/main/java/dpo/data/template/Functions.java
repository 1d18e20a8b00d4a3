package dpo.data.template;

import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The functions that every template has: those of Jinja2 and those that transformers adds. */
final class Functions {
    private static final Set<String> UNSUPPORTED = Set.of("cycler", "joiner", "lipsum");
    /** {@code strftime} directives in the patterns of Java. */
    private static final Map<String, String> DATE_PARTS = Map.ofEntries(Map.entry("Y", "uuuu"), Map.entry("y", "uu"),
            Map.entry("m", "MM"), Map.entry("-m", "M"), Map.entry("d", "dd"), Map.entry("-d", "d"),
            Map.entry("B", "MMMM"), Map.entry("b", "MMM"), Map.entry("A", "EEEE"), Map.entry("a", "EEE"),
            Map.entry("H", "HH"), Map.entry("I", "hh"), Map.entry("M", "mm"), Map.entry("S", "ss"),
            Map.entry("j", "DDD"), Map.entry("p", "a"), Map.entry("F", "uuuu-MM-dd"), Map.entry("T", "HH:mm:ss"));

    /** Steps of formatting one part of a date. */
    private static final int DATE_PART = 50;

    private Functions() {}

    static Map<String, Function> globals(Meter meter, Optional<Clock> clock) {
        return Map.of(
                "range", Function.of(meter, "range", Range::of),
                "dict", Function.of(meter, "dict", Functions::dict),
                "namespace", Function.of(meter, "namespace", Namespace::of),
                "raise_exception", Function.of(meter, "raise_exception", Functions::raise),
                "strftime_now", Function.of(meter, "strftime_now", (call, args) -> now(call, clock, args)));
    }

    static void refuseUnsupported(String name) {
        if (UNSUPPORTED.contains(name)) {
            throw Failure.unsupported("the function '" + name + "'");
        }
    }

    /** Python's {@code dict(mapping, name=value, …)}. */
    static Dict dict(Meter meter, Arguments args) {
        if (args.size() > 1) {
            throw new Failure("dict must get at most one positional argument, got " + args.size());
        }
        meter.entries(args.named().size());
        Map<Value, Value> entries = new LinkedHashMap<>();
        if (args.size() == 1) {
            if (!(args.value(0) instanceof Dict initial)) {
                throw Failure.unsupported("a dict made of a " + args.value(0).typeName());
            }
            meter.entries(initial.entries().size());
            entries.putAll(initial.entries());
        }
        args.named().forEach((name, value) -> Dict.put(meter, entries, Text.literal(name), value));
        return new Dict(meter, entries);
    }

    private static Value raise(Meter meter, Arguments args) {
        throw new Failure(args.bind("message").value(0).str(meter));
    }

    private static Value now(Meter meter, Optional<Clock> clock, Arguments args) {
        ZonedDateTime now = ZonedDateTime.now(clock.orElseThrow(() -> new Failure(
                "strftime_now must be given a clock (ChatTemplate.withClock), got none: prompts would change daily")));
        String format = Operators.text(args.bind("format").value(0));
        TextBuilder text = new TextBuilder(meter);
        for (int i = 0; i < format.length(); i++) {
            if (format.charAt(i) != '%') {
                text.append(format.charAt(i));
                continue;
            }
            int end = Math.min(format.length(), i + (format.startsWith("%-", i) ? 3 : 2));
            meter.steps(DATE_PART);
            String directive = format.substring(i + 1, end);
            text.append(directive.equals("%") ? "%" : datePart(directive, now));
            i = end - 1;
        }
        return text.text();
    }

    private static String datePart(String directive, ZonedDateTime now) {
        return Optional.ofNullable(DATE_PARTS.get(directive))
                .map(pattern -> DateTimeFormatter.ofPattern(pattern, Locale.US).format(now))
                .orElseThrow(() -> Failure.unsupported("the date format '%" + directive + "'"));
    }
}
