package dpo.cli;

import dpo.core.UserError;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.ServiceConfigurationError;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/** Turns an exception into a message and an exit code; a {@link UserError} is printed without a stack trace. */
public final class ErrorMessages
        implements CommandLine.IExecutionExceptionHandler, CommandLine.IParameterExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(ErrorMessages.class);
    private static final int LONGEST_LINE = 2_000;
    private static final int MOST_LINES = 200;
    private static final Pattern LINE_END = Pattern.compile("\n");

    /** A run failed, or an internal error occurred. */
    static final int FAILED = 1;

    /** Usage, configuration, data, model or output folder cannot be used. */
    static final int INVALID = CommandLine.ExitCode.USAGE;

    /** Stopped on request; can be resumed. */
    static final int INTERRUPTED = 130;

    @Override
    public int handleExecutionException(Exception exception, CommandLine command, CommandLine.ParseResult parsed) {
        return report(exception, command.getErr());
    }

    @Override
    public int handleParseException(CommandLine.ParameterException exception, String[] arguments) {
        CommandLine command = exception.getCommandLine();
        print(exception, command.getErr());
        command.usage(command.getErr());
        return INVALID;
    }

    /** Prints an exception on a console; returns the exit code. */
    static int report(Throwable thrown, Console console) {
        StringWriter text = new StringWriter();
        int code = report(thrown, new PrintWriter(text));
        console.print(text.toString().stripTrailing());
        return code;
    }

    /** Prints an exception to a writer; returns the exit code. */
    static int report(Throwable thrown, PrintWriter err) {
        boolean isUserError = thrown instanceof UserError
                || thrown instanceof UncheckedIOException
                || thrown instanceof ServiceConfigurationError;
        if (isUserError) {
            LOG.debug("error with its stack trace", thrown);
            print(thrown, err);
        } else if (thrown instanceof OutOfMemoryError) {
            err.println("error: Java's heap must be large enough, got " + thrown.getMessage()
                    + "; DPO_JAVA_OPTIONS=-Xmx8g gives it 8 GB");
        } else if (thrown instanceof UnsatisfiedLinkError) {
            err.println("error: native libraries that Java needs must be installed, got " + thrown.getMessage());
        } else {
            err.println(OwnCode.ofProcess()
                    .thrower(thrown)
                    .map(name -> "error: " + name + " of " + OwnCode.VARIABLE + " must not fail, got:")
                    .orElse("internal error, please report it:"));
            thrown.printStackTrace(err);
        }
        err.flush();
        return isUserError ? INVALID : FAILED;
    }

    /** Prints a message with bounded length and without control characters. */
    private static void print(Throwable thrown, PrintWriter err) {
        LINE_END.splitAsStream(String.valueOf(thrown.getMessage()))
                .limit(MOST_LINES)
                .forEach(line -> err.println("error: "
                        + visible(line.length() <= LONGEST_LINE ? line : line.substring(0, LONGEST_LINE) + "…")));
        err.flush();
    }

    private static String visible(String line) {
        StringBuilder visible = new StringBuilder();
        line.chars().forEach(sign -> {
            if (Character.isISOControl(sign) && sign != '\t') {
                visible.append(String.format(Locale.ROOT, "\\u%04x", sign));
            } else {
                visible.append((char) sign);
            }
        });
        return visible.toString();
    }
}
