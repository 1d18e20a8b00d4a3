package dpo.data.template.builtin;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import dpo.data.template.value.Arguments;
import dpo.data.template.value.Callable;
import dpo.data.template.value.Dict;
import dpo.data.template.value.Namespace;
import dpo.data.template.value.Range;
import dpo.data.template.value.TextBuilder;
import dpo.data.template.value.Value;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The global functions of templates: those of Jinja2 and those that transformers adds. */
public final class GlobalFunctions {
    private static final Set<String> UNSUPPORTED = Set.of("cycler", "joiner", "lipsum");
    /** Java's pattern for each directive of {@code strftime}. */
    private static final Map<String, String> DATE_PARTS = Map.ofEntries(
            Map.entry("Y", "uuuu"),
            Map.entry("y", "uu"),
            Map.entry("m", "MM"),
            Map.entry("-m", "M"),
            Map.entry("d", "dd"),
            Map.entry("-d", "d"),
            Map.entry("B", "MMMM"),
            Map.entry("b", "MMM"),
            Map.entry("A", "EEEE"),
            Map.entry("a", "EEE"),
            Map.entry("H", "HH"),
            Map.entry("I", "hh"),
            Map.entry("M", "mm"),
            Map.entry("S", "ss"),
            Map.entry("j", "DDD"),
            Map.entry("p", "a"),
            Map.entry("F", "uuuu-MM-dd"),
            Map.entry("T", "HH:mm:ss"));

    /** Number of steps charged for formatting one directive. */
    private static final int DATE_PART = 50;

    private final Map<String, Callable> functions;

    private GlobalFunctions(Map<String, Callable> functions) {
        this.functions = functions;
    }

    /** {@return the functions of one rendering} */
    public static GlobalFunctions of(Meter meter, Optional<Clock> clock) {
        return new GlobalFunctions(Map.of(
                "range", Callable.of(meter, "range", Range::of),
                "dict", Callable.of(meter, "dict", Dict::of),
                "namespace", Callable.of(meter, "namespace", Namespace::of),
                "raise_exception", Callable.of(meter, "raise_exception", GlobalFunctions::raise),
                "strftime_now", Callable.of(meter, "strftime_now", (call, args) -> now(call, clock, args))));
    }

    /** {@return a function by its name; fails for one of Jinja2 that is not supported} */
    public Optional<Callable> find(String name) {
        if (UNSUPPORTED.contains(name)) {
            throw Failure.unsupported("the function '" + name + "'");
        }
        return Optional.ofNullable(functions.get(name));
    }

    private static Value raise(Meter meter, Arguments args) {
        throw new Failure(args.bind("message").value(0).str(meter));
    }

    private static Value now(Meter meter, Optional<Clock> clock, Arguments args) {
        ZonedDateTime now = ZonedDateTime.now(clock.orElseThrow(() -> new Failure(
                "strftime_now must be given a clock (ChatTemplate.withClock), got none: prompts would change daily")));
        String format = args.bind("format").text(0);
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
