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
public final class ErrorMessages implements CommandLine.IExecutionExceptionHandler {

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

    /** Tells what was thrown on a console; gives the exit code. */
    static int tell(Throwable thrown, Console console) {
        StringWriter text = new StringWriter();
        int code = tell(thrown, new PrintWriter(text));
        console.say(text.toString().stripTrailing());
        return code;
    }

    /** Tells what was thrown to a writer; gives the exit code. */
    static int tell(Throwable thrown, PrintWriter err) {
        boolean isMendable = MENDABLE.stream().anyMatch(type -> type.isInstance(thrown));
        if (isMendable) {
            thrown.getMessage().lines().forEach(line -> err.println("error: " + line));
        } else if (thrown instanceof UnsatisfiedLinkError) {
            err.println("error: native libraries that Java needs must be installed, got " + thrown.getMessage());
        } else {
            err.println("internal error, please report it:");
            thrown.printStackTrace(err);
        }
        err.flush();
        return isMendable ? INVALID : FAILED;
    }
}
