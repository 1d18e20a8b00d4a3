package dpo.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dpo help}; unlike picocli's own, also of commands of a command: {@code dpo help data audit}. */
@Command(
        name = "help",
        header = "Prints the options of a command.",
        synopsisHeading = "%nUsage: ",
        helpCommand = true,
        mixinStandardHelpOptions = true)
final class HelpCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "COMMAND", arity = "0..*", description = "The command; none for the list of commands.")
    private List<String> names = new ArrayList<>();

    @Override
    public Integer call() {
        CommandLine command = Objects.requireNonNull(spec).parent().commandLine();
        for (String name : names) {
            CommandLine parent = command;
            command = Optional.ofNullable(parent.getSubcommands().get(name)).orElseThrow(() -> unknown(name, parent));
        }
        command.usage(command.getOut());
        return 0;
    }

    private static ParameterException unknown(String name, CommandLine parent) {
        String known = String.join(", ", parent.getSubcommands().keySet());
        return new ParameterException(
                parent,
                "COMMAND must "
                        + (known.isEmpty()
                                ? "end with " + parent.getCommandName() + ", which has no subcommands"
                                : "be one of " + known)
                        + ", got " + name);
    }
}
