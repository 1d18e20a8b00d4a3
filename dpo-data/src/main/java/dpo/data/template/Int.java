package dpo.data.template;

/** Python's {@code int}, within 64 bits; arithmetic that leaves them is refused. */
record Int(long value) implements Value, Comparable<Int> {
    static final Int ZERO = new Int(0);

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

    /** An order for hash tables alone, which need one to stay fast where many numbers have one hash code. */
    @Override
    public int compareTo(Int other) {
        return Long.compare(value, other.value);
    }
}
