package dpo.data.template;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The filters that give text. All but a few take anything and work on its printed form. */
final class TextFilters {
    static final Map<String, Filters.Filter> FILTERS = Map.ofEntries(
            Map.entry("upper", plain(Characters::upper)),
            Map.entry("lower", plain(Characters::lower)),
            Map.entry("capitalize", plain(Characters::capitalize)),
            Map.entry("title", plain(TextFilters::title)),
            Map.entry("trim", TextFilters::trim),
            Map.entry("string", TextFilters::string),
            Map.entry("safe", (rendering, input, args) -> new SafeText(none(args, input).str())),
            Map.entry("replace", TextFilters::replace),
            Map.entry("join", TextFilters::join),
            Map.entry("indent", TextFilters::indent),
            Map.entry("center", TextFilters::center),
            Map.entry("truncate", TextFilters::truncate),
            Map.entry("format", TextFilters::format),
            Map.entry("wordcount", TextFilters::wordCount));

    private TextFilters() {}

    private static Filters.Filter plain(UnaryOperator<String> change) {
        return (rendering, input, args) -> new Text(change.apply(printed(none(args, input))));
    }

    private static Value none(Arguments args, Value input) {
        args.positional(0, 0);
        return input;
    }

    private static String printed(Value input) {
        if (input instanceof SafeText) {
            throw Failure.unsupported("this filter on a text marked safe");
        }
        return input.str();
    }

    private static Value string(Rendering rendering, Value input, Arguments args) {
        return none(args, input) instanceof SafeText ? input : new Text(input.str());
    }

    private static Value trim(Rendering rendering, Value input, Arguments arguments) {
        Value chars = arguments.bind("chars").valueOr(0, None.NONE);
        return new Text(TextMethods.strip(printed(input), chars, true, true));
    }

    /** Words start after white space, hyphens and opening brackets. */
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

    private static Value replace(Rendering rendering, Value input, Arguments arguments) {
        Arguments args = arguments.bind("old", "new", "count");
        Value count = args.valueOr(2, None.NONE);
        return new Text(TextMethods.replace(printed(input), args.value(0).str(), args.value(1).str(),
                count == None.NONE ? -1 : Operators.index(count)));
    }

    private static Value join(Rendering rendering, Value input, Arguments arguments) {
        Arguments args = arguments.bind("d", "attribute");
        String separator = args.valueOr(0, Text.EMPTY).str();
        TextBuilder text = new TextBuilder();
        String before = "";
        for (var items = SelectionFilters.attributes(input, args.valueOr(1, None.NONE)); items.hasNext(); ) {
            text.append(before).append(items.next().str());
            before = separator;
        }
        return new Text(text.toString());
    }

    private static Value indent(Rendering rendering, Value input, Arguments arguments) {
        Arguments args = arguments.bind("width", "first", "blank");
        Value width = args.valueOr(0, new Int(4));
        String indentation = width instanceof Text unit
                ? unit.value()
                : new TextBuilder().repeat(" ", Operators.index(width)).toString();
        List<String> lines = Splitting.lines(Operators.text(input) + "\n", false);
        TextBuilder text = new TextBuilder().append(args.flag(1) ? indentation : "").append(lines.get(0));
        for (String line : lines.subList(1, lines.size())) {
            text.append('\n').append(args.flag(2) || !line.isEmpty() ? indentation : "").append(line);
        }
        return new Text(text.toString());
    }

    private static Value center(Rendering rendering, Value input, Arguments arguments) {
        Value width = arguments.bind("width").valueOr(0, new Int(80));
        Function method = (Function) new Text(printed(input)).attribute("center");
        return method.body().call(Arguments.of(List.of(width), Map.of()));
    }

    private static Value truncate(Rendering rendering, Value input, Arguments arguments) {
        Arguments args = arguments.bind("length", "killwords", "end", "leeway");
        long length = Operators.index(args.valueOr(0, new Int(255)));
        Text end = new Text(Operators.text(args.valueOr(2, new Text("..."))));
        Value leeway = args.valueOr(3, None.NONE);
        long slack = leeway == None.NONE ? 5 : Operators.index(leeway);
        if (length < end.length() || slack < 0) {
            throw new Failure("truncate must have a length from " + end.length() + " on and a leeway from 0 on");
        }
        Text text = new Text(Operators.text(input));
        if (text.length() <= length + slack) {
            return text;
        }
        String kept = text.value().substring(0, text.offset((int) (length - end.length())));
        int space = kept.lastIndexOf(' ');
        return new Text((args.flag(1) || space < 0 ? kept : kept.substring(0, space)) + end.value());
    }

    private static Value format(Rendering rendering, Value input, Arguments args) {
        if (args.size() > 0 && !args.named().isEmpty()) {
            throw new Failure("format can't handle positional and keyword arguments at the same time");
        }
        Value values = args.named().isEmpty()
                ? Items.tuple(args.values().stream().map(Optional::orElseThrow).toList())
                : Functions.dict(args);
        return new Text(PercentFormat.format(printed(input), values));
    }

    private static Value wordCount(Rendering rendering, Value input, Arguments args) {
        String text = printed(none(args, input));
        if (!TextMethods.isAscii(text)) {
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
