package dpo.experiments.command;

import dpo.data.DataException;
import dpo.data.template.TemplateException;
import dpo.experiments.config.ConfigException;
import dpo.experiments.store.OutputException;
import dpo.experiments.train.InvalidInputException;
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
            OutputException.class);

    @Override
    public int handleExecutionException(Exception exception, CommandLine command, CommandLine.ParseResult parsed) {
        if (MENDABLE.stream().anyMatch(type -> type.isInstance(exception))) {
            exception.getMessage().lines().forEach(line -> command.getErr().println("error: " + line));
            return INVALID;
        }
        command.getErr().println("internal error, please report it:");
        exception.printStackTrace(command.getErr());
        return FAILED;
    }
}
