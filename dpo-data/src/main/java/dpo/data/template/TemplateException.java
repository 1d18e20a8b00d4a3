package dpo.data.template;

import dpo.core.UserError;
import dpo.data.template.meter.Failure;

/**
 * Thrown if a chat template cannot be parsed or rendered: a syntax error, an unsupported construct, an error that
 * Python raises too, a limit, or the template's own {@code raise_exception}.
 *
 * <p>The message has the form {@code chat template NAME, line N: CAUSE}.
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

    /** {@return the line of the source, from 1, that caused the error} */
    public int line() {
        return line;
    }
}
