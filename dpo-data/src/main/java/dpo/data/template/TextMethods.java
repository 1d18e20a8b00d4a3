package dpo.data.template;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/** The methods of Python's {@code str}. */
final class TextMethods {
    /** What a method does with its object and its arguments. */
    @FunctionalInterface
    private interface Method {
        Value call(String self, Arguments arguments);
    }

    private static final Map<String, Method> METHODS = Map.ofEntries(
            Map.entry("strip", (self, args) -> strip(self, args, true, true)),
            Map.entry("lstrip", (self, args) -> strip(self, args, true, false)),
            Map.entry("rstrip", (self, args) -> strip(self, args, false, true)),
            Map.entry("upper", plain(Characters::upper)),
            Map.entry("lower", plain(Characters::lower)),
            Map.entry("capitalize", plain(Characters::capitalize)),
            Map.entry("title", plain(Characters::title)),
            Map.entry("startswith", (self, args) -> affix(self, args, String::startsWith)),
            Map.entry("endswith", (self, args) -> affix(self, args, String::endsWith)),
            Map.entry("removeprefix", (self, args) -> removePrefix(self, one(args))),
            Map.entry("removesuffix", (self, args) -> removeSuffix(self, one(args))),
            Map.entry("replace", TextMethods::replace),
            Map.entry("join", (self, args) -> join(self, args.positional(1, 1).value(0))),
            Map.entry("split", (self, args) -> Splitting.split(self, args.bind("sep", "maxsplit"))),
            Map.entry("rsplit", (self, args) -> Splitting.rsplit(self, args.bind("sep", "maxsplit"))),
            Map.entry("splitlines", (self, args) -> texts(Splitting.lines(self, args.bind("keepends").flag(0)))),
            Map.entry("partition", (self, args) -> Splitting.partition(self, one(args), false)),
            Map.entry("rpartition", (self, args) -> Splitting.partition(self, one(args), true)),
            Map.entry("find", (self, args) -> find(self, one(args), false)),
            Map.entry("rfind", (self, args) -> find(self, one(args), true)),
            Map.entry("index", (self, args) -> index(self, one(args), false)),
            Map.entry("rindex", (self, args) -> index(self, one(args), true)),
            Map.entry("count", (self, args) -> count(self, one(args))),
            Map.entry("isspace", (self, args) -> all(self, args, Characters::isSpace)),
            Map.entry("isalpha", (self, args) -> all(self, args, Character::isLetter)),
            Map.entry("isascii", (self, args) -> Bool.of(none(args) && isAscii(self))),
            Map.entry("isdigit", (self, args) -> allAscii(self, args, Character::isDigit)),
            Map.entry("isdecimal", (self, args) -> allAscii(self, args, Character::isDigit)),
            Map.entry("isalnum", (self, args) -> allAscii(self, args, Character::isLetterOrDigit)),
            Map.entry("islower", (self, args) -> cased(self, args, Character::isLowerCase)),
            Map.entry("isupper", (self, args) -> cased(self, args, Character::isUpperCase)),
            Map.entry("center", (self, args) -> pad(self, args, (room, width) -> room / 2 + (room & width & 1))),
            Map.entry("ljust", (self, args) -> pad(self, args, (room, width) -> 0)),
            Map.entry("rjust", (self, args) -> pad(self, args, (room, width) -> room)),
            Map.entry("zfill", TextMethods::zeroFill));

    private TextMethods() {}

    static Optional<Value> find(Text self, String name) {
        return Optional.ofNullable(METHODS.get(name))
                .map(method -> Function.method(self, name, args -> method.call(self.value(), args)));
    }

    static Items texts(List<String> parts) {
        return Items.list(parts.stream().<Value>map(Text::new).toList());
    }

    static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 128);
    }

    private static Method plain(UnaryOperator<String> change) {
        return (self, args) -> {
            none(args);
            return new Text(change.apply(self));
        };
    }

    private static boolean none(Arguments args) {
        args.positional(0, 0);
        return true;
    }

    private static String one(Arguments args) {
        if (args.size() > 1) {
            throw Failure.unsupported("a start or end argument of this str method");
        }
        return Operators.text(args.positional(1, 1).value(0));
    }

    private static Value strip(String self, Arguments arguments, boolean left, boolean right) {
        Value chars = arguments.positional(0, 1).valueOr(0, None.NONE);
        return new Text(strip(self, chars, left, right));
    }

    static String strip(String self, Value chars, boolean left, boolean right) {
        if (chars == None.NONE) {
            return Characters.strip(self, Characters::isSpace, left, right);
        }
        String set = Operators.text(chars);
        return Characters.strip(self, c -> set.indexOf(c) >= 0, left, right);
    }

    private static Value affix(String self, Arguments args, BiPredicate<String, String> test) {
        if (args.size() > 1) {
            throw Failure.unsupported("a start or end argument of this str method");
        }
        Value affix = args.positional(1, 1).value(0);
        List<Value> choices = affix instanceof Items items && items.isTuple() ? items.values() : List.of(affix);
        // Python looks no further once a choice fits.
        return Bool.of(choices.stream().anyMatch(choice -> test.test(self, Operators.text(choice))));
    }

    private static Value removePrefix(String self, String prefix) {
        return new Text(self.startsWith(prefix) ? self.substring(prefix.length()) : self);
    }

    private static Value removeSuffix(String self, String suffix) {
        return new Text(self.endsWith(suffix) ? self.substring(0, self.length() - suffix.length()) : self);
    }

    private static Value replace(String self, Arguments arguments) {
        Arguments args = arguments.positional(2, 3);
        String from = Operators.text(args.value(0));
        String to = Operators.text(args.value(1));
        return new Text(replace(self, from, to, Operators.index(args.valueOr(2, new Int(-1)))));
    }

    /** Python's {@code str.replace}; an empty {@code from} stands between all characters; count below 0 is all. */
    static String replace(String self, String from, String to, long count) {
        TextBuilder text = new TextBuilder();
        long left = count < 0 ? Long.MAX_VALUE : count;
        int done = 0;
        int at = Search.first(self, from, 0);
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
                at = Search.first(self, from, done);
            }
        }
        return text.append(self.substring(done)).toString();
    }

    private static Value join(String self, Value items) {
        TextBuilder text = new TextBuilder();
        String separator = "";
        for (var item = items.iterator(); item.hasNext(); ) {
            text.append(separator).append(Operators.text(item.next()));
            separator = self;
        }
        return new Text(text.toString());
    }

    private static Value find(String self, String sought, boolean last) {
        int at = last ? Search.last(self, sought, self.length()) : Search.first(self, sought, 0);
        return new Int(at < 0 ? -1 : self.codePointCount(0, at));
    }

    private static Value index(String self, String sought, boolean last) {
        Value found = find(self, sought, last);
        if (Operators.integer(found) < 0) {
            throw new Failure("substring not found");
        }
        return found;
    }

    private static Value count(String self, String sought) {
        if (sought.isEmpty()) {
            return new Int(self.codePointCount(0, self.length()) + 1L);
        }
        long count = 0;
        for (int at = Search.first(self, sought, 0); at >= 0;
                at = Search.first(self, sought, at + sought.length())) {
            count++;
        }
        return new Int(count);
    }

    private static Value all(String self, Arguments args, IntPredicate test) {
        none(args);
        return Bool.of(!self.isEmpty() && self.codePoints().allMatch(test));
    }

    /** Java and Python differ on which foreign characters are digits. */
    private static Value allAscii(String self, Arguments args, IntPredicate test) {
        if (!isAscii(self)) {
            throw Failure.unsupported("a test for digits on non-ASCII text");
        }
        return all(self, args, test);
    }

    private static Value cased(String self, Arguments args, IntPredicate test) {
        none(args);
        return Bool.of(Characters.allCased(self, test));
    }

    /** How much of the missing width goes to the left. */
    @FunctionalInterface
    private interface Share {
        long left(long room, long width);
    }

    private static Value pad(String self, Arguments arguments, Share share) {
        Arguments args = arguments.positional(1, 2);
        String fill = Operators.text(args.valueOr(1, new Text(" ")));
        if (fill.codePointCount(0, fill.length()) != 1) {
            throw new Failure("the fill character must be exactly one character long");
        }
        long width = Operators.index(args.value(0));
        long room = Math.max(0, width - self.codePointCount(0, self.length()));
        long left = room == 0 ? 0 : share.left(room, width);
        return new Text(new TextBuilder().repeat(fill, left).append(self).repeat(fill, room - left).toString());
    }

    private static Value zeroFill(String self, Arguments args) {
        long width = Operators.index(args.positional(1, 1).value(0));
        boolean signed = self.startsWith("+") || self.startsWith("-");
        long room = width - self.codePointCount(0, self.length());
        String digits = signed ? self.substring(1) : self;
        TextBuilder text = new TextBuilder().append(signed ? self.substring(0, 1) : "");
        return new Text(text.repeat("0", room).append(digits).toString());
    }
}
