package dpo.experiments.command;

import dpo.experiments.sweep.CodeVersion;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line: {@code dpo}. */
@Command(
        name = "dpo",
        description = "Direct Preference Optimization: experiments from a config file to recorded results.",
        mixinStandardHelpOptions = true,
        versionProvider = DpoCommand.Version.class,
        subcommands = {
            SweepCommand.class,
            TrainCommand.class,
            ResultsCommand.class,
            ReportCommand.class,
            LogProbsCommand.class,
            ObjectiveCommand.class,
            LossesCommand.class,
            DataCommand.class,
            DoctorCommand.class,
            CommandLine.HelpCommand.class,
            AutoComplete.GenerateCompletion.class
        },
        footer = {"", "Exit codes: 0 done, 1 a run failed, 2 usage, config, data or output error, 130 interrupted (resumable)."})
public final class DpoCommand {

    private DpoCommand() {}

    /** Runs a command line and exits with its code. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /** The command line, ready to execute. */
    public static CommandLine commandLine() {
        return new CommandLine(new DpoCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(new ErrorMessages());
    }

    /** {@code --version}. */
    static final class Version implements CommandLine.IVersionProvider {

        @Override
        public String[] getVersion() {
            return new String[] {
                "dpo " + CodeVersion.ofBuild(),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.version") + ", "
                        + System.getProperty("os.name") + " " + System.getProperty("os.arch")
            };
        }
    }
}
