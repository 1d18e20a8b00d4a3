package dpo.data.template.value;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import dpo.data.template.text.Characters;
import java.util.Iterator;

/** Python's {@code str}: a sequence of code points. */
public final class Str implements Sequence, Comparable<Str> {
    /** The empty text. */
    public static final Str EMPTY = new Str("");

    private final String value;

    private Str(String value) {
        this.value = value;
    }

    /** {@return a new text, which is charged} */
    public static Str of(Meter meter, String value) {
        meter.shell();
        meter.characters(value.length());
        return new Str(value);
    }

    /** {@return a string that already exists, in the source, the data or this code; it is not charged} */
    public static Str literal(String value) {
        return new Str(value);
    }

    private static Str ofCodePoint(Meter meter, int codePoint) {
        return of(meter, Character.toString(codePoint));
    }

    /** {@return the string of an argument that must be a text} */
    public static String require(Value value) {
        if (!(value instanceof Str text)) {
            throw new Failure("a string is needed, got " + value.typeName());
        }
        return text.value();
    }

    /** {@return the Java string} */
    public String value() {
        return value;
    }

    /** {@return the position in the Java string of the code point at {@code index}} */
    public int offset(long index) {
        return value.offsetByCodePoints(0, (int) index);
    }

    @Override
    public String typeName() {
        return "str";
    }

    @Override
    public String str(Meter meter) {
        return value;
    }

    /** Single quotes, unless the text has some and no double ones; unprintable characters are escaped. */
    @Override
    public void repr(TextBuilder out) {
        char quote = value.indexOf('\'') >= 0 && value.indexOf('"') < 0 ? '"' : '\'';
        out.append(quote);
        value.codePoints().forEach(c -> {
            if (c == quote || c == '\\') {
                out.append('\\').append((char) c);
            } else if (c == '\n' || c == '\r' || c == '\t') {
                out.append(c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
            } else if (Characters.isPrintable(c)) {
                out.appendCodePoint(c);
            } else {
                out.appendHex(c < 0x100 ? "\\x" : c < 0x10000 ? "\\u" : "\\U", c < 0x100 ? 2 : c < 0x10000 ? 4 : 8, c);
            }
        });
        out.append(quote);
    }

    @Override
    public boolean truth() {
        return !value.isEmpty();
    }

    @Override
    public Iterator<Value> iterator(Meter meter) {
        return Iterators.map(meter, value.codePoints().iterator(), codePoint -> ofCodePoint(meter, codePoint));
    }

    @Override
    public long length(Meter meter) {
        meter.walk(value.length());
        return value.codePointCount(0, value.length());
    }

    /** {@return the text with its code points in reverse order} */
    public Str reverse(Meter meter) {
        return of(meter, new StringBuilder(value).reverse().toString());
    }

    @Override
    public Iterator<Value> reversed(Meter meter) {
        return reverse(meter).iterator(meter);
    }

    @Override
    public Value attribute(Meter meter, String name) {
        return StrMethods.find(meter, this, name).orElseGet(() -> Sequence.super.attribute(meter, name));
    }

    @Override
    public Value at(Meter meter, long position) {
        return ofCodePoint(meter, value.codePointAt(offset(position)));
    }

    @Override
    public Value slice(Meter meter, Slice slice) {
        int length = (int) length(meter);
        if (slice.step().orElse(1L) == 1) {
            int from = offset(slice.from(length));
            int to = offset(Math.max(slice.from(length), slice.to(length)));
            return of(meter, value.substring(from, to));
        }
        // An array of code points, which exists twice while it grows.
        meter.buffered(length, 3);
        int[] codePoints = value.codePoints().toArray();
        TextBuilder part = new TextBuilder(meter);
        slice.forEachIndex(length, index -> part.appendCodePoint(codePoints[index]));
        return part.text();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Str text && value.equals(text.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    /** An order for hash tables, which stay fast if many texts have the same hash code. */
    @Override
    public int compareTo(Str other) {
        return value.compareTo(other.value);
    }
}
