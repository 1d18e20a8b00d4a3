package dpo.data.template.value;

import dpo.data.template.meter.Meter;

/** A text under construction. Every character is charged before it is appended. */
public final class TextBuilder {
    private final Meter meter;
    private final StringBuilder text = new StringBuilder();

    /** Begins with the empty text. */
    public TextBuilder(Meter meter) {
        this.meter = meter;
        meter.shell();
    }

    /** {@return the meter that is charged} */
    public Meter meter() {
        return meter;
    }

    /** Appends a text. */
    public TextBuilder append(String more) {
        meter.buffered(more.length());
        text.append(more);
        return this;
    }

    /** Appends a character. */
    public TextBuilder append(char more) {
        meter.buffered(1);
        text.append(more);
        return this;
    }

    /** Appends a code point. */
    public TextBuilder appendCodePoint(int more) {
        meter.buffered(2);
        text.appendCodePoint(more);
        return this;
    }

    /** Appends an escape such as {@code \x0a}: a prefix and a number of hexadecimal digits. */
    public TextBuilder appendHex(String prefix, int digits, int number) {
        append(prefix);
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
            append(Character.forDigit(number >> shift & 15, 16));
        }
        return this;
    }

    /** Appends a text {@code times} times; nothing where that is below 1. */
    public TextBuilder repeat(String more, long times) {
        long count = more.isEmpty() ? 0 : Math.max(0, times);
        meter.buffered(count, more.length());
        text.append(more.repeat((int) count));
        return this;
    }

    /** {@return the text as a value} */
    public Str text() {
        return Str.of(meter, text.toString());
    }

    /** {@return the text as a string, which is not charged once more} */
    @Override
    public String toString() {
        return text.toString();
    }
}
