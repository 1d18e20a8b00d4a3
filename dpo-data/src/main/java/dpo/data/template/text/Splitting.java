package dpo.data.template.text;

import dpo.data.template.meter.Meter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The methods of Python's {@code str} that split a text. Every part is charged as a text in a list. */
public final class Splitting {
    private Splitting() {}

    private static void add(Meter meter, List<String> parts, String part) {
        meter.slots(1);
        meter.shell();
        meter.characters(part.length());
        parts.add(part);
    }

    /** {@return the parts between separators, after at most {@code most} splits from the left} */
    public static List<String> split(Meter meter, String self, String separator, long most) {
        List<String> parts = new ArrayList<>();
        int done = 0;
        for (int at = Search.first(meter, self, separator, 0);
                at >= 0 && parts.size() < most;
                at = Search.first(meter, self, separator, done)) {
            add(meter, parts, self.substring(done, at));
            done = at + separator.length();
        }
        add(meter, parts, self.substring(done));
        return parts;
    }

    /** {@return the parts between separators, after at most {@code most} splits from the right} */
    public static List<String> splitFromRight(Meter meter, String self, String separator, long most) {
        List<String> parts = new ArrayList<>();
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

    // All of Python's white space is in the Basic Multilingual Plane, so chars suffice.
    /** {@return the words of a text, after at most {@code most} splits from the left} */
    public static List<String> splitAtSpace(Meter meter, String self, long most) {
        List<String> parts = new ArrayList<>();
        meter.walk(self.length());
        int start = skip(self, 0, true);
        while (start < self.length()) {
            if (parts.size() == most) {
                // The last part keeps its trailing white space.
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

    /** {@return the words of a text, after at most {@code most} splits from the right} */
    public static List<String> splitAtSpaceFromRight(Meter meter, String self, long most) {
        List<String> parts = new ArrayList<>();
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
    public static List<String> lines(Meter meter, String self, boolean keepEnds) {
        meter.walk(self.length());
        List<String> lines = new ArrayList<>();
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

    /** Python's {@code str.partition}, or {@code rpartition} where the last separator counts: always three parts. */
    public static List<String> partition(Meter meter, String self, String separator, boolean last) {
        int at = last ? Search.last(meter, self, separator, self.length()) : Search.first(meter, self, separator, 0);
        List<String> parts = new ArrayList<>();
        List.of(
                        at < 0 ? last ? "" : self : self.substring(0, at),
                        at < 0 ? "" : separator,
                        at < 0 ? last ? self : "" : self.substring(at + separator.length()))
                .forEach(part -> add(meter, parts, part));
        return parts;
    }
}
