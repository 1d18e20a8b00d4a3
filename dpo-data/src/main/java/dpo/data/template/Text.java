package dpo.data.template;

import java.util.Iterator;

/** Python's {@code str}: a sequence of code points. */
final class Text implements Value, Comparable<Text> {
    static final Text EMPTY = new Text("");

    private final String value;

    private Text(String value) {
        this.value = value;
    }

    /** {@return a text that a rendering makes} */
    static Text of(Meter meter, String value) {
        meter.shell();
        meter.characters(value.length());
        return new Text(value);
    }

    /** {@return a string that exists apart from the rendering: of the source, the data or this code} */
    static Text literal(String value) {
        return new Text(value);
    }

    private static Text ofCodePoint(Meter meter, int codePoint) {
        return of(meter, Character.toString(codePoint));
    }

    String value() {
        return value;
    }

    /** {@return the position in the Java string of the code point at {@code index}} */
    int offset(long index) {
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

    /** In single quotes unless the text has some and no double ones; what can't be printed is escaped. */
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
    public boolean iterable() {
        return true;
    }

    @Override
    public Iterator<Value> iterator(Meter meter) {
        return new Counted<>(meter, value.codePoints().iterator(), codePoint -> ofCodePoint(meter, codePoint));
    }

    @Override
    public boolean sized() {
        return true;
    }

    @Override
    public long length(Meter meter) {
        meter.walk(value.length());
        return value.codePointCount(0, value.length());
    }

    Text reverse(Meter meter) {
        return of(meter, new StringBuilder(value).reverse().toString());
    }

    @Override
    public Iterator<Value> reversed(Meter meter) {
        return reverse(meter).iterator(meter);
    }

    @Override
    public Value attribute(Meter meter, String name) {
        return TextMethods.find(meter, this, name).orElseGet(() -> Value.super.attribute(meter, name));
    }

    @Override
    public Value item(Meter meter, Value key) {
        if (!Operators.isInteger(key)) {
            return Value.super.item(meter, key);
        }
        long index = Operators.integer(key);
        long length = length(meter);
        long fromStart = index < 0 ? index + length : index;
        if (fromStart < 0 || fromStart >= length) {
            return Undefined.element(this, key);
        }
        return ofCodePoint(meter, value.codePointAt(offset(fromStart)));
    }

    @Override
    public Value slice(Meter meter, Slice slice) {
        int length = (int) length(meter);
        if (slice.step().orElse(1L) == 1) {
            int from = offset(slice.from(length));
            int to = offset(Math.max(slice.from(length), slice.to(length)));
            return of(meter, value.substring(from, to));
        }
        // Code points, twice while they are collected.
        meter.buffered(length, 3);
        int[] codePoints = value.codePoints().toArray();
        TextBuilder part = new TextBuilder(meter);
        slice.forEachIndex(length, index -> part.appendCodePoint(codePoints[index]));
        return part.text();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Text text && value.equals(text.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    /** An order for hash tables alone, which need one to stay fast where many texts have one hash code. */
    @Override
    public int compareTo(Text other) {
        return value.compareTo(other.value);
    }
}
