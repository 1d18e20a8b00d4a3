package dpo.data.template.meter;

/** An error in a template, before {@link dpo.data.template.ChatTemplate} adds the template's name and the line. */
public final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Maximum number of characters of a message, since a template may raise a message of any length. */
    private static final int SHOWN = 2000;

    /** Has no stack trace: a failure describes what a template does, not what this code does. */
    public Failure(String message) {
        super(message.length() <= SHOWN ? message : message.substring(0, SHOWN) + "…", null, false, false);
    }

    /** {@return the failure of a construct that this implementation does not support, whether Jinja2 has it or not} */
    public static Failure unsupported(String construct) {
        return new Failure(construct + " is not supported");
    }
}
