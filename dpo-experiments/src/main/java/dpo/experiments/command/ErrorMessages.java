package dpo.experiments.command;

import dpo.data.DataException;
import dpo.data.template.TemplateException;
import dpo.experiments.config.ConfigException;
import dpo.experiments.store.OutputException;
import dpo.experiments.train.InvalidInputException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import picocli.CommandLine;

/** Turns an exception into a message and an exit code: what a user can mend is said in a line, without a stack trace. */
final class ErrorMessages implements CommandLine.IExecutionExceptionHandler {

    /** A run failed, or the program has a fault. */
    static final int FAILED = 1;

    /** Usage, configuration, data, model or output folder cannot be used. */
    static final int INVALID = CommandLine.ExitCode.USAGE;

    /** Stopped on request; can be resumed. */
    static final int INTERRUPTED = 130;

    private static final List<Class<? extends RuntimeException>> MENDABLE = List.of(
            ConfigException.class,
            DataException.class,
            TemplateException.class,
            InvalidInputException.class,
            OutputException.class,
            UncheckedIOException.class);

    @Override
    public int handleExecutionException(Exception exception, CommandLine command, CommandLine.ParseResult parsed) {
        return tell(exception, command.getErr());
    }

    /** Tells an exception on a console; gives the exit code. */
    static int tell(Exception exception, Console console) {
        StringWriter text = new StringWriter();
        int code = tell(exception, new PrintWriter(text));
        console.say(text.toString().stripTrailing());
        return code;
    }

    private static int tell(Exception exception, PrintWriter err) {
        boolean isMendable = MENDABLE.stream().anyMatch(type -> type.isInstance(exception));
        if (isMendable) {
            exception.getMessage().lines().forEach(line -> err.println("error: " + line));
        } else {
            err.println("internal error, please report it:");
            exception.printStackTrace(err);
        }
        err.flush();
        return isMendable ? INVALID : FAILED;
    }
}
