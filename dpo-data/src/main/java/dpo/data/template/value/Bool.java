package dpo.data.template.value;

/** Python's {@code bool}, which is the integer 0 or 1 in arithmetic. */
public enum Bool implements Value {
    /** Python's {@code False}. */
    FALSE,
    /** Python's {@code True}. */
    TRUE;

    /** {@return the value of a Java boolean} */
    public static Bool of(boolean value) {
        return value ? TRUE : FALSE;
    }

    /** {@return the value as an integer} */
    int number() {
        return this == TRUE ? 1 : 0;
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
