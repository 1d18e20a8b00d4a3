package dpo.data.template;

/** Python's {@code None}. */
enum None implements Value {
    NONE;

    @Override
    public String typeName() {
        return "NoneType";
    }

    @Override
    public void repr(TextBuilder out) {
        out.append("None");
    }

    @Override
    public boolean truth() {
        return false;
    }
}
