package dpo.data.template.value;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import dpo.data.template.text.Characters;
import dpo.data.template.text.Search;
import dpo.data.template.text.Splitting;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** The methods of Python's {@code str}; some of them are filters of Jinja2, too. */
public final class StrMethods {
    /** A method, given its object and arguments. */
    @FunctionalInterface
    private interface Method {
        Value call(Meter meter, String self, Arguments arguments);
    }

    private static final Map<String, Method> METHODS = Map.ofEntries(
            Map.entry("strip", (meter, self, args) -> strip(meter, self, args, true, true)),
            Map.entry("lstrip", (meter, self, args) -> strip(meter, self, args, true, false)),
            Map.entry("rstrip", (meter, self, args) -> strip(meter, self, args, false, true)),
            Map.entry("upper", plain(Characters::upper)),
            Map.entry("lower", plain(Characters::lower)),
            Map.entry("capitalize", plain(Characters::capitalize)),
            Map.entry("title", plain(Characters::title)),
            Map.entry("startswith", (meter, self, args) -> affix(meter, self, args, String::startsWith)),
            Map.entry("endswith", (meter, self, args) -> affix(meter, self, args, String::endsWith)),
            Map.entry("removeprefix", (meter, self, args) -> removePrefix(meter, self, one(args))),
            Map.entry("removesuffix", (meter, self, args) -> removeSuffix(meter, self, one(args))),
            Map.entry("replace", StrMethods::replace),
            Map.entry(
                    "join",
                    (meter, self, args) ->
                            join(meter, self, args.positional(1, 1).value(0))),
            Map.entry("split", (meter, self, args) -> split(meter, self, args, false)),
            Map.entry("rsplit", (meter, self, args) -> split(meter, self, args, true)),
            Map.entry(
                    "splitlines",
                    (meter, self, args) -> list(
                            meter,
                            Splitting.lines(meter, self, args.bind("keepends").flag(0)))),
            Map.entry("partition", (meter, self, args) -> partition(meter, self, one(args), false)),
            Map.entry("rpartition", (meter, self, args) -> partition(meter, self, one(args), true)),
            Map.entry("find", (meter, self, args) -> find(meter, self, one(args), false)),
            Map.entry("rfind", (meter, self, args) -> find(meter, self, one(args), true)),
            Map.entry("index", (meter, self, args) -> index(meter, self, one(args), false)),
            Map.entry("rindex", (meter, self, args) -> index(meter, self, one(args), true)),
            Map.entry("count", (meter, self, args) -> count(meter, self, one(args))),
            Map.entry("isspace", test(self -> all(self, Characters::isSpace))),
            Map.entry("isalpha", test(self -> all(self, Character::isLetter))),
            Map.entry("isascii", test(StrMethods::isAscii)),
            Map.entry("isdigit", test(self -> allAscii(self, Character::isDigit))),
            Map.entry("isdecimal", test(self -> allAscii(self, Character::isDigit))),
            Map.entry("isalnum", test(self -> allAscii(self, Character::isLetterOrDigit))),
            Map.entry("islower", test(self -> Characters.allCased(self, Character::isLowerCase))),
            Map.entry("isupper", test(self -> Characters.allCased(self, Character::isUpperCase))),
            Map.entry("center", StrPadding::center),
            Map.entry("ljust", (meter, self, args) -> StrPadding.pad(meter, self, args, (room, width) -> 0)),
            Map.entry("rjust", (meter, self, args) -> StrPadding.pad(meter, self, args, (room, width) -> room)),
            Map.entry("zfill", StrPadding::zeroFill));

    private StrMethods() {}

    /** {@return the method of a name, bound to its object} */
    static Optional<Value> find(Meter meter, Str self, String name) {
        return Optional.ofNullable(METHODS.get(name))
                .map(method -> Callable.of(meter, name, (call, args) -> {
                    call.walk(self.value().length());
                    return method.call(call, self.value(), args);
                }));
    }

    /** {@return whether all characters are ASCII} */
    public static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 128) {
                return false;
            }
        }
        return true;
    }

    private static Method plain(UnaryOperator<String> change) {
        return (meter, self, args) -> {
            args.none(self);
            // Case conversion may turn one character into three.
            meter.characters(self.length());
            return Str.of(meter, change.apply(self));
        };
    }

    private static Method test(Predicate<String> test) {
        return (meter, self, args) -> Bool.of(test.test(args.none(self)));
    }

    private static List<Value> texts(List<String> parts) {
        return parts.stream().<Value>map(Str::literal).toList();
    }

    private static Value list(Meter meter, List<String> parts) {
        return Items.list(meter, texts(parts));
    }

    private static Value split(Meter meter, String self, Arguments arguments, boolean fromRight) {
        Arguments args = arguments.bind("sep", "maxsplit");
        Value separator = args.valueOr(0, None.NONE);
        long maxSplit = args.index(1, -1);
        long most = maxSplit < 0 ? Long.MAX_VALUE : maxSplit;
        if (separator == None.NONE) {
            return list(
                    meter,
                    fromRight
                            ? Splitting.splitAtSpaceFromRight(meter, self, most)
                            : Splitting.splitAtSpace(meter, self, most));
        }
        String border = notEmpty(Str.require(separator));
        return list(
                meter,
                fromRight
                        ? Splitting.splitFromRight(meter, self, border, most)
                        : Splitting.split(meter, self, border, most));
    }

    private static Value partition(Meter meter, String self, String separator, boolean last) {
        return Items.tuple(meter, texts(Splitting.partition(meter, self, notEmpty(separator), last)));
    }

    private static String notEmpty(String separator) {
        if (separator.isEmpty()) {
            throw new Failure("empty separator");
        }
        return separator;
    }

    private static String one(Arguments args) {
        return withoutRange(args).text(0);
    }

    private static Arguments withoutRange(Arguments args) {
        if (args.size() > 1) {
            throw Failure.unsupported("a start or end argument of this str method");
        }
        return args.positional(1, 1);
    }

    private static Value strip(Meter meter, String self, Arguments arguments, boolean left, boolean right) {
        return strip(meter, self, arguments.positional(0, 1).valueOr(0, None.NONE), left, right);
    }

    /** {@return the text without characters of a set, or without white space, at the chosen ends} */
    public static Str strip(Meter meter, String self, Value chars, boolean left, boolean right) {
        if (chars == None.NONE) {
            return Str.of(meter, Characters.strip(self, Characters::isSpace, left, right));
        }
        String set = Str.require(chars);
        return Str.of(
                meter,
                Characters.strip(
                        self,
                        c -> {
                            meter.walk(set.length());
                            return set.indexOf(c) >= 0;
                        },
                        left,
                        right));
    }

    private static Value affix(Meter meter, String self, Arguments args, BiPredicate<String, String> test) {
        Value affix = withoutRange(args).value(0);
        List<Value> choices = affix instanceof Items items && items.isTuple() ? items.values() : List.of(affix);
        // Python checks no further choice after the first that matches.
        return Bool.of(choices.stream().anyMatch(choice -> {
            meter.walk(Math.min(self.length(), Str.require(choice).length()));
            return test.test(self, Str.require(choice));
        }));
    }

    private static Value removePrefix(Meter meter, String self, String prefix) {
        return Str.of(meter, self.startsWith(prefix) ? self.substring(prefix.length()) : self);
    }

    private static Value removeSuffix(Meter meter, String self, String suffix) {
        return Str.of(meter, self.endsWith(suffix) ? self.substring(0, self.length() - suffix.length()) : self);
    }

    private static Value replace(Meter meter, String self, Arguments arguments) {
        Arguments args = arguments.positional(2, 3);
        String from = args.text(0);
        String to = args.text(1);
        return replace(meter, self, from, to, args.index(2, -1));
    }

    /** Python's {@code str.replace}; an empty {@code from} is found around each character; count below 0 is all. */
    public static Value replace(Meter meter, String self, String from, String to, long count) {
        TextBuilder text = new TextBuilder(meter);
        long left = count < 0 ? Long.MAX_VALUE : count;
        int done = 0;
        int at = Search.first(meter, self, from, 0);
        while (at >= 0 && left > 0) {
            text.append(self.substring(done, at)).append(to);
            left--;
            done = at + from.length();
            if (from.isEmpty()) {
                if (at == self.length()) {
                    break;
                }
                at = self.offsetByCodePoints(at, 1);
            } else {
                at = Search.first(meter, self, from, done);
            }
        }
        return text.append(self.substring(done)).text();
    }

    private static Value join(Meter meter, String self, Value items) {
        TextBuilder text = new TextBuilder(meter);
        String separator = "";
        for (var item = items.iterator(meter); item.hasNext(); ) {
            text.append(separator).append(Str.require(item.next()));
            separator = self;
        }
        return text.text();
    }

    private static Value find(Meter meter, String self, String sought, boolean last) {
        int at = last ? Search.last(meter, self, sought, self.length()) : Search.first(meter, self, sought, 0);
        return new Int(at < 0 ? -1 : self.codePointCount(0, at));
    }

    private static Value index(Meter meter, String self, String sought, boolean last) {
        Value found = find(meter, self, sought, last);
        if (Numbers.integer(found) < 0) {
            throw new Failure("substring not found");
        }
        return found;
    }

    private static Value count(Meter meter, String self, String sought) {
        if (sought.isEmpty()) {
            return new Int(self.codePointCount(0, self.length()) + 1L);
        }
        long count = 0;
        for (int at = Search.first(meter, self, sought, 0);
                at >= 0;
                at = Search.first(meter, self, sought, at + sought.length())) {
            count++;
        }
        return new Int(count);
    }

    private static boolean all(String self, IntPredicate test) {
        return !self.isEmpty() && self.codePoints().allMatch(test);
    }

    /** Refuses other characters: Java and Python differ in which of them are digits. */
    private static boolean allAscii(String self, IntPredicate test) {
        if (!isAscii(self)) {
            throw Failure.unsupported("a test for digits on non-ASCII text");
        }
        return all(self, test);
    }
}
