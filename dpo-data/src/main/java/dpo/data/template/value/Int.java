package dpo.data.template.value;

/**
 * Python's {@code int} of at most 64 bits; arithmetic that overflows is refused.
 *
 * @param value the number
 */
public record Int(long value) implements Value, Comparable<Int> {
    /** Zero. */
    public static final Int ZERO = new Int(0);

    @Override
    public String typeName() {
        return "int";
    }

    @Override
    public void repr(TextBuilder out) {
        out.append(Long.toString(value));
    }

    @Override
    public boolean truth() {
        return value != 0;
    }

    /** An order for hash tables, which stay fast if many numbers have the same hash code. */
    @Override
    public int compareTo(Int other) {
        return Long.compare(value, other.value);
    }
}
