package dpo.data.template;

/** Python's {@code bool}, which counts as the integer 0 or 1 in arithmetic. */
enum Bool implements Value {
    FALSE,
    TRUE;

    static Bool of(boolean value) {
        return value ? TRUE : FALSE;
    }

    @Override
    public String typeName() {
        return "bool";
    }

    @Override
    public void repr(TextBuilder out) {
        out.append(truth() ? "True" : "False");
    }

    @Override
    public boolean truth() {
        return this == TRUE;
    }
}
