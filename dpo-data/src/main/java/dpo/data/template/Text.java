package dpo.data.template;

import java.util.Iterator;
import java.util.PrimitiveIterator;

/** Python's {@code str}: a sequence of code points. */
record Text(String value) implements Value {
    static final Text EMPTY = new Text("");

    Text {
        Limits.size(value.length());
    }

    static Text ofCodePoint(int codePoint) {
        return new Text(Character.toString(codePoint));
    }

    /** {@return the position in the Java string of the code point at {@code index}} */
    int offset(int index) {
        return value.offsetByCodePoints(0, index);
    }

    @Override
    public String typeName() {
        return "str";
    }

    @Override
    public String str() {
        return value;
    }

    /** In single quotes unless the text has some and no double ones; what can't be printed is escaped. */
    @Override
    public String repr() {
        char quote = value.indexOf('\'') >= 0 && value.indexOf('"') < 0 ? '"' : '\'';
        TextBuilder text = new TextBuilder().append(quote);
        value.codePoints().forEach(c -> {
            if (c == quote || c == '\\') {
                text.append('\\').append((char) c);
            } else if (c == '\n' || c == '\r' || c == '\t') {
                text.append(c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
            } else if (Characters.isPrintable(c)) {
                text.appendCodePoint(c);
            } else {
                text.append(String.format(c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c));
            }
        });
        return text.append(quote).toString();
    }

    @Override
    public boolean truth() {
        return !value.isEmpty();
    }

    @Override
    public long weight() {
        return value.length();
    }

    @Override
    public boolean iterable() {
        return true;
    }

    @Override
    public Iterator<Value> iterator() {
        PrimitiveIterator.OfInt codePoints = value.codePoints().iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return codePoints.hasNext();
            }

            @Override
            public Value next() {
                return ofCodePoint(codePoints.nextInt());
            }
        };
    }

    @Override
    public boolean sized() {
        return true;
    }

    @Override
    public long length() {
        return value.codePointCount(0, value.length());
    }

    @Override
    public Iterator<Value> reversed() {
        return new Text(new StringBuilder(value).reverse().toString()).iterator();
    }

    @Override
    public Value attribute(String name) {
        return TextMethods.find(this, name).orElseGet(() -> Value.super.attribute(name));
    }

    @Override
    public Value item(Value key) {
        if (!Operators.isInteger(key)) {
            return Value.super.item(key);
        }
        long index = Operators.integer(key);
        long length = length();
        long fromStart = index < 0 ? index + length : index;
        if (fromStart < 0 || fromStart >= length) {
            return Undefined.element(this, key);
        }
        return ofCodePoint(value.codePointAt(offset((int) fromStart)));
    }

    @Override
    public Value slice(Slice slice) {
        int[] codePoints = value.codePoints().toArray();
        StringBuilder part = new StringBuilder();
        slice.forEachIndex(codePoints.length, index -> part.appendCodePoint(codePoints[index]));
        return new Text(part.toString());
    }
}
