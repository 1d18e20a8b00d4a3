package dpo.data.template;

/** Text under construction; every character is charged to the meter before it is appended. */
final class TextBuilder {
    private final Meter meter;
    private final StringBuilder text = new StringBuilder();

    TextBuilder(Meter meter) {
        this.meter = meter;
        meter.shell();
    }

    Meter meter() {
        return meter;
    }

    TextBuilder append(String more) {
        meter.buffered(more.length());
        text.append(more);
        return this;
    }

    TextBuilder append(char more) {
        meter.buffered(1);
        text.append(more);
        return this;
    }

    TextBuilder appendCodePoint(int more) {
        meter.buffered(2);
        text.appendCodePoint(more);
        return this;
    }

    /** Appends {@code \x0a}, {@code \}{@code u000a} and their kind: a prefix and a number of hexadecimal digits. */
    TextBuilder appendHex(String prefix, int digits, int number) {
        append(prefix);
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
            append(Character.forDigit(number >> shift & 15, 16));
        }
        return this;
    }

    TextBuilder repeat(String more, long times) {
        long count = more.isEmpty() ? 0 : Math.max(0, times);
        meter.buffered(count, more.length());
        text.append(more.repeat((int) count));
        return this;
    }

    /** {@return what was appended, as a value} */
    Text text() {
        return Text.of(meter, text.toString());
    }

    /** {@return what was appended, as a string that becomes no value: a charge of its own is not needed} */
    @Override
    public String toString() {
        return text.toString();
    }
}
