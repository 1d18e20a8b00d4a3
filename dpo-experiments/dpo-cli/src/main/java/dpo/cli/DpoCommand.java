package dpo.cli;

import dpo.core.InvalidInputException;
import dpo.core.backend.Backend;
import dpo.harness.config.Backends;
import dpo.harness.sweep.CodeVersion;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line: {@code dpo}. */
@Command(
        name = "dpo",
        description = "Direct Preference Optimization: trains policies from a config file and reports the results.",
        mixinStandardHelpOptions = true,
        versionProvider = DpoCommand.Version.class,
        subcommands = {
            SweepCommand.class,
            TrainCommand.class,
            PlanCommand.class,
            ResultsCommand.class,
            ReportCommand.class,
            DiffCommand.class,
            ReproduceCommand.class,
            ExportCommand.class,
            EvaluateCommand.class,
            BundleCommand.class,
            VerifyCommand.class,
            LogProbsCommand.class,
            SampleCommand.class,
            MergeCommand.class,
            ObjectiveCommand.class,
            LossesCommand.class,
            LabCommand.class,
            ImportCommand.class,
            DataCommand.class,
            DoctorCommand.class,
            HelpCommand.class,
            RankCommand.class,
            AutoComplete.GenerateCompletion.class
        },
        footer = {
            "",
            "Exit codes: 0 done; 1 a run failed, or diff, reproduce or verify found a difference; 2 usage, config, data"
                    + " or output error; 130 interrupted, resumable."
        })
public final class DpoCommand {

    private final StopOnSignal stop = new StopOnSignal();

    private DpoCommand() {}

    /** Handles signals to this process. */
    StopOnSignal stop() {
        return stop;
    }

    /** Runs a command line and exits with its code. */
    public static void main(String[] arguments) {
        DpoCommand command = new DpoCommand();
        command.stop.install();
        // UTF-8 in every locale, because results contain non-ASCII characters.
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
        // The root locale, so that numbers have ASCII digits and a decimal point.
        Locale.setDefault(Locale.ROOT);
        command.stop.exit(exitCode(commandLine(command), arguments));
    }

    private static int exitCode(CommandLine commandLine, String[] arguments) {
        try {
            ProcessEncoding.require(arguments);
            return commandLine.execute(arguments);
        } catch (InvalidInputException unreadable) {
            return ErrorMessages.report(unreadable, commandLine.getErr());
        } catch (Error error) { // picocli leaves this to its caller
            return ErrorMessages.report(error, commandLine.getErr());
        }
    }

    /** The command line, ready to execute. */
    public static CommandLine commandLine() {
        return commandLine(new DpoCommand());
    }

    private static CommandLine commandLine(DpoCommand command) {
        ErrorMessages errors = new ErrorMessages();
        return new CommandLine(command)
                .registerConverter(Path.class, DpoCommand::path)
                // A prompt may begin with @, which picocli would expand to a file of arguments.
                .setExpandAtFiles(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(errors)
                .setExecutionExceptionHandler(errors);
    }

    /** An empty path would be the working folder; it is usually an unset shell variable. */
    private static Path path(String text) {
        if (text.isEmpty()) {
            throw new CommandLine.TypeConversionException("must be a path, got nothing");
        }
        return Path.of(text);
    }

    /** {@code --version}. */
    static final class Version implements CommandLine.IVersionProvider {

        @Override
        public String[] getVersion() {
            List<String> lines = new ArrayList<>();
            lines.add("dpo " + CodeVersion.ofBuild());
            lines.add(System.getProperty("java.vm.name") + " " + System.getProperty("java.version") + ", "
                    + System.getProperty("os.name") + " " + System.getProperty("os.arch"));
            for (Backend<?> backend : Backends.onClassPath().all()) {
                DoctorCommand.devices(backend)
                        .forEach((device, state) ->
                                lines.add("backend " + backend.name() + ", " + device + ": " + state));
            }
            return lines.toArray(String[]::new);
        }
    }
}
