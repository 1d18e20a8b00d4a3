package dpo.data.template;

import dpo.core.UserError;

/**
 * Says that a chat template can't be parsed or rendered: wrong syntax, a construct that this engine does not know, an
 * error that Python would raise too, a limit, or the template's own {@code raise_exception}.
 *
 * <p>The message has the form {@code chat template NAME, line N: WHAT}.
 */
public final class TemplateException extends RuntimeException implements UserError {
    private static final long serialVersionUID = 1L;

    private final String template;
    private final int line;

    TemplateException(String template, int line, Failure cause) {
        super("chat template " + template + ", line " + line + ": " + cause.getMessage(), cause);
        this.template = template;
        this.line = line;
    }

    /** {@return the name given to {@link ChatTemplate#parse}} */
    public String template() {
        return template;
    }

    /** {@return the line of the source, from 1, where the trouble was found} */
    public int line() {
        return line;
    }
}
