package dpo.data.template.value;

/** Python's {@code None}. */
public enum None implements Value {
    /** Its only instance. */
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
