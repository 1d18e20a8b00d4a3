package dpo.data.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The methods of Python's {@code str} that take a text apart. */
final class Splitting {
    private Splitting() {}

    static Value split(Meter meter, String self, Arguments args) {
        Value separator = args.valueOr(0, None.NONE);
        long most = most(args);
        return Items.list(meter, separator == None.NONE
                ? splitAtSpace(meter, self, most)
                : splitAt(meter, self, separator(separator), most));
    }

    static Value rsplit(Meter meter, String self, Arguments args) {
        Value separator = args.valueOr(0, None.NONE);
        long most = most(args);
        return Items.list(meter, separator == None.NONE
                ? splitAtSpaceFromRight(meter, self, most)
                : splitAtFromRight(meter, self, separator(separator), most));
    }

    private static long most(Arguments args) {
        long most = Operators.index(args.valueOr(1, new Int(-1)));
        return most < 0 ? Long.MAX_VALUE : most;
    }

    private static String separator(Value value) {
        String separator = Operators.text(value);
        if (separator.isEmpty()) {
            throw new Failure("empty separator");
        }
        return separator;
    }

    private static void add(Meter meter, List<Value> parts, String part) {
        meter.slots(1);
        parts.add(Text.of(meter, part));
    }

    /** {@return the parts between separators} */
    static List<Value> at(Meter meter, String self, String separator) {
        return splitAt(meter, self, separator, Long.MAX_VALUE);
    }

    private static List<Value> splitAt(Meter meter, String self, String separator, long most) {
        List<Value> parts = new ArrayList<>();
        int done = 0;
        for (int at = Search.first(meter, self, separator, 0); at >= 0 && parts.size() < most;
                at = Search.first(meter, self, separator, done)) {
            add(meter, parts, self.substring(done, at));
            done = at + separator.length();
        }
        add(meter, parts, self.substring(done));
        return parts;
    }

    private static List<Value> splitAtFromRight(Meter meter, String self, String separator, long most) {
        List<Value> parts = new ArrayList<>();
        int end = self.length();
        int at = Search.last(meter, self, separator, end);
        while (at >= 0 && parts.size() < most) {
            add(meter, parts, self.substring(at + separator.length(), end));
            end = at;
            at = Search.last(meter, self, separator, end);
        }
        add(meter, parts, self.substring(0, end));
        Collections.reverse(parts);
        return parts;
    }

    // All Python white space is in the Basic Multilingual Plane, so that chars do.
    private static List<Value> splitAtSpace(Meter meter, String self, long most) {
        List<Value> parts = new ArrayList<>();
        meter.walk(self.length());
        int start = skip(self, 0, true);
        while (start < self.length()) {
            if (parts.size() == most) {
                // The last part keeps its white space on the far side.
                add(meter, parts, self.substring(start));
                break;
            }
            int end = skip(self, start, false);
            add(meter, parts, self.substring(start, end));
            start = skip(self, end, true);
        }
        return parts;
    }

    private static int skip(String self, int from, boolean space) {
        int at = from;
        while (at < self.length() && Characters.isSpace(self.charAt(at)) == space) {
            at++;
        }
        return at;
    }

    private static List<Value> splitAtSpaceFromRight(Meter meter, String self, long most) {
        List<Value> parts = new ArrayList<>();
        meter.walk(self.length());
        int end = skipBack(self, self.length(), true);
        while (end > 0) {
            if (parts.size() == most) {
                add(meter, parts, self.substring(0, end));
                break;
            }
            int start = skipBack(self, end, false);
            add(meter, parts, self.substring(start, end));
            end = skipBack(self, start, true);
        }
        Collections.reverse(parts);
        return parts;
    }

    private static int skipBack(String self, int from, boolean space) {
        int at = from;
        while (at > 0 && Characters.isSpace(self.charAt(at - 1)) == space) {
            at--;
        }
        return at;
    }

    /** Python's {@code str.splitlines}. */
    static List<Value> lines(Meter meter, String self, boolean keepEnds) {
        meter.walk(self.length());
        List<Value> lines = new ArrayList<>();
        int start = 0;
        while (start < self.length()) {
            int end = start;
            while (end < self.length() && !Characters.isLineBreak(self.charAt(end))) {
                end++;
            }
            int next = self.startsWith("\r\n", end) ? end + 2 : Math.min(end + 1, self.length());
            add(meter, lines, self.substring(start, keepEnds ? next : end));
            start = next;
        }
        return lines;
    }

    static Value partition(Meter meter, String self, String separator, boolean last) {
        separator(Text.literal(separator));
        int at = last ? Search.last(meter, self, separator, self.length()) : Search.first(meter, self, separator, 0);
        List<Value> parts = new ArrayList<>();
        if (at < 0) {
            List.of(last ? "" : self, "", last ? self : "").forEach(part -> add(meter, parts, part));
        } else {
            List.of(self.substring(0, at), separator, self.substring(at + separator.length()))
                    .forEach(part -> add(meter, parts, part));
        }
        return Items.tuple(meter, parts);
    }
}
