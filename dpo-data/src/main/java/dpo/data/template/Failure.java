package dpo.data.template;

/** What went wrong, before the template's name and line are known; {@link ChatTemplate} adds those. */
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Characters of a message: a template may raise one of any length. */
    private static final int SHOWN = 2000;

    /** Without a stack trace: a failure says what a template does, not what this code does. */
    Failure(String message) {
        super(message.length() <= SHOWN ? message : message.substring(0, SHOWN) + "…", null, false, false);
    }

    /** A construct that Jinja2 may know and this engine does not. */
    static Failure unsupported(String construct) {
        return new Failure(construct + " is not supported");
    }
}
