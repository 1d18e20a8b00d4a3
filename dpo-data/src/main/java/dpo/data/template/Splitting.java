package dpo.data.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The methods of Python's {@code str} that take a text apart. */
final class Splitting {
    private Splitting() {}

    static Value split(String self, Arguments args) {
        Value separator = args.valueOr(0, None.NONE);
        long most = most(args);
        return TextMethods.texts(separator == None.NONE
                ? splitAtSpace(self, most)
                : splitAt(self, separator(separator), most));
    }

    static Value rsplit(String self, Arguments args) {
        Value separator = args.valueOr(0, None.NONE);
        long most = most(args);
        return TextMethods.texts(separator == None.NONE
                ? splitAtSpaceFromRight(self, most)
                : splitAtFromRight(self, separator(separator), most));
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

    private static List<String> splitAt(String self, String separator, long most) {
        List<String> parts = new ArrayList<>();
        int done = 0;
        for (int at = Search.first(self, separator, 0); at >= 0 && parts.size() < most;
                at = Search.first(self, separator, done)) {
            parts.add(self.substring(done, at));
            done = at + separator.length();
        }
        parts.add(self.substring(done));
        return parts;
    }

    private static List<String> splitAtFromRight(String self, String separator, long most) {
        List<String> parts = new ArrayList<>();
        int end = self.length();
        int at = Search.last(self, separator, end);
        while (at >= 0 && parts.size() < most) {
            parts.add(self.substring(at + separator.length(), end));
            end = at;
            at = Search.last(self, separator, end);
        }
        parts.add(self.substring(0, end));
        Collections.reverse(parts);
        return parts;
    }

    // All Python white space is in the Basic Multilingual Plane, so that chars do.
    private static List<String> splitAtSpace(String self, long most) {
        List<String> parts = new ArrayList<>();
        int start = skip(self, 0, true);
        while (start < self.length()) {
            if (parts.size() == most) {
                // The last part keeps its white space on the far side.
                parts.add(self.substring(start));
                break;
            }
            int end = skip(self, start, false);
            parts.add(self.substring(start, end));
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

    private static List<String> splitAtSpaceFromRight(String self, long most) {
        List<String> parts = new ArrayList<>();
        int end = skipBack(self, self.length(), true);
        while (end > 0) {
            if (parts.size() == most) {
                parts.add(self.substring(0, end));
                break;
            }
            int start = skipBack(self, end, false);
            parts.add(self.substring(start, end));
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
    static List<String> lines(String self, boolean keepEnds) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        while (start < self.length()) {
            int end = start;
            while (end < self.length() && !Characters.isLineBreak(self.charAt(end))) {
                end++;
            }
            int next = self.startsWith("\r\n", end) ? end + 2 : Math.min(end + 1, self.length());
            lines.add(self.substring(start, keepEnds ? next : end));
            start = next;
        }
        return lines;
    }

    static Value partition(String self, String separator, boolean last) {
        separator(new Text(separator));
        int at = last ? Search.last(self, separator, self.length()) : Search.first(self, separator, 0);
        List<String> parts = at < 0
                ? last ? List.of("", "", self) : List.of(self, "", "")
                : List.of(self.substring(0, at), separator, self.substring(at + separator.length()));
        return Items.tuple(TextMethods.texts(parts).values());
    }
}
