package dpo.data.template.builtin;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import dpo.data.template.operator.PercentFormat;
import dpo.data.template.runtime.Filter;
import dpo.data.template.text.Characters;
import dpo.data.template.text.Splitting;
import dpo.data.template.value.Arguments;
import dpo.data.template.value.Dict;
import dpo.data.template.value.Int;
import dpo.data.template.value.Items;
import dpo.data.template.value.Markup;
import dpo.data.template.value.None;
import dpo.data.template.value.Numbers;
import dpo.data.template.value.Str;
import dpo.data.template.value.StrMethods;
import dpo.data.template.value.StrPadding;
import dpo.data.template.value.TextBuilder;
import dpo.data.template.value.Value;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The filters whose results are texts. Most accept any value and use its printed form. */
final class TextFilters {
    static final Map<String, Filter> FILTERS = Map.ofEntries(
            Map.entry("upper", plain(Characters::upper)),
            Map.entry("lower", plain(Characters::lower)),
            Map.entry("capitalize", plain(Characters::capitalize)),
            Map.entry("title", plain(TextFilters::title)),
            Map.entry("trim", TextFilters::trim),
            Map.entry("string", TextFilters::string),
            Map.entry("safe", TextFilters::safe),
            Map.entry("replace", TextFilters::replace),
            Map.entry("join", TextFilters::join),
            Map.entry("indent", TextFilters::indent),
            Map.entry("center", TextFilters::center),
            Map.entry("truncate", TextFilters::truncate),
            Map.entry("format", TextFilters::format),
            Map.entry("wordcount", TextFilters::wordCount));

    private TextFilters() {}

    private static Filter plain(UnaryOperator<String> change) {
        return (meter, input, args) -> {
            String text = printed(meter, args.none(input));
            // Upper case may turn one character into three.
            meter.characters(text.length());
            return Str.of(meter, change.apply(text));
        };
    }

    private static Value safe(Meter meter, Value input, Arguments args) {
        return new Markup(Str.of(meter, args.none(input).str(meter)).value());
    }

    private static String printed(Meter meter, Value input) {
        if (input instanceof Markup) {
            throw Failure.unsupported("this filter on a text marked safe");
        }
        String text = input.str(meter);
        meter.walk(text.length());
        return text;
    }

    private static Value string(Meter meter, Value input, Arguments args) {
        return args.none(input) instanceof Markup ? input : Str.of(meter, input.str(meter));
    }

    private static Value trim(Meter meter, Value input, Arguments arguments) {
        Value chars = arguments.bind("chars").valueOr(0, None.NONE);
        return StrMethods.strip(meter, printed(meter, input), chars, true, true);
    }

    /** Jinja2's title case: words begin after white space, hyphens and opening brackets. */
    private static String title(String text) {
        StringBuilder titled = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            int start = i;
            boolean gap = isGap(text.charAt(i));
            while (i < text.length() && isGap(text.charAt(i)) == gap) {
                i++;
            }
            String word = text.substring(start, i);
            int first = word.offsetByCodePoints(0, 1);
            titled.append(Characters.upper(word.substring(0, first))).append(Characters.lower(word.substring(first)));
        }
        return titled.toString();
    }

    private static boolean isGap(char c) {
        return Characters.isSpace(c) || "-({[<".indexOf(c) >= 0;
    }

    private static Value replace(Meter meter, Value input, Arguments arguments) {
        Arguments args = arguments.bind("old", "new", "count");
        Value count = args.valueOr(2, None.NONE);
        return StrMethods.replace(
                meter,
                printed(meter, input),
                args.value(0).str(meter),
                args.value(1).str(meter),
                count == None.NONE ? -1 : Numbers.index(count));
    }

    private static Value join(Meter meter, Value input, Arguments arguments) {
        Arguments args = arguments.bind("d", "attribute");
        String separator = args.valueOr(0, Str.EMPTY).str(meter);
        TextBuilder text = new TextBuilder(meter);
        String before = "";
        for (var items = SelectionFilters.attributes(meter, input, args.valueOr(1, None.NONE)); items.hasNext(); ) {
            text.append(before).append(items.next().str(meter));
            before = separator;
        }
        return text.text();
    }

    private static Value indent(Meter meter, Value input, Arguments arguments) {
        Arguments args = arguments.bind("width", "first", "blank");
        Value width = args.valueOr(0, new Int(4));
        String indentation = width instanceof Str unit
                ? unit.value()
                : new TextBuilder(meter).repeat(" ", Numbers.index(width)).toString();
        List<String> lines = Splitting.lines(meter, Str.require(input) + "\n", false);
        TextBuilder text = new TextBuilder(meter).append(args.flag(1) ? indentation : "");
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            boolean indented = i > 0 && (args.flag(2) || !line.isEmpty());
            text.append(i > 0 ? "\n" : "").append(indented ? indentation : "").append(line);
        }
        return text.text();
    }

    private static Value center(Meter meter, Value input, Arguments arguments) {
        Value width = arguments.bind("width").valueOr(0, new Int(80));
        return StrPadding.center(meter, printed(meter, input), Arguments.of(List.of(width), Map.of()));
    }

    private static Value truncate(Meter meter, Value input, Arguments arguments) {
        Arguments args = arguments.bind("length", "killwords", "end", "leeway");
        long length = args.index(0, 255);
        String end = args.text(2, "...");
        long endLength = Str.literal(end).length(meter);
        Value leeway = args.valueOr(3, None.NONE);
        long slack = leeway == None.NONE ? 5 : Numbers.index(leeway);
        if (length < endLength || slack < 0) {
            throw new Failure("truncate must have a length of at least " + endLength + " and a leeway of at least 0");
        }
        Str text = Str.literal(Str.require(input));
        if (text.length(meter) - slack <= length) {
            return text;
        }
        String kept = text.value().substring(0, text.offset(length - endLength));
        int space = kept.lastIndexOf(' ');
        return new TextBuilder(meter)
                .append(args.flag(1) || space < 0 ? kept : kept.substring(0, space))
                .append(end)
                .text();
    }

    private static Value format(Meter meter, Value input, Arguments args) {
        if (args.size() > 0 && !args.named().isEmpty()) {
            throw new Failure("format can't handle positional and keyword arguments at the same time");
        }
        Value values = args.named().isEmpty() ? Items.tuple(meter, args.given()) : Dict.of(meter, args);
        return PercentFormat.format(meter, printed(meter, input), values);
    }

    private static Value wordCount(Meter meter, Value input, Arguments args) {
        String text = printed(meter, args.none(input));
        if (!StrMethods.isAscii(text)) {
            throw Failure.unsupported("wordcount of non-ASCII text");
        }
        long words = 0;
        boolean inWord = false;
        for (int i = 0; i < text.length(); i++) {
            boolean letter = Character.isLetterOrDigit(text.charAt(i)) || text.charAt(i) == '_';
            words += letter && !inWord ? 1 : 0;
            inWord = letter;
        }
        return new Int(words);
    }
}
