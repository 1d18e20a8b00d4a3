package dpo.data.template;

/** Python's {@code int}, within 64 bits; arithmetic that leaves them is refused. */
record Int(long value) implements Value {
    static final Int ZERO = new Int(0);

    @Override
    public String typeName() {
        return "int";
    }

    @Override
    public String repr() {
        return Long.toString(value);
    }

    @Override
    public boolean truth() {
        return value != 0;
    }
}
