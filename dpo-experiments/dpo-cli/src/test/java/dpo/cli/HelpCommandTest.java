package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class HelpCommandTest {

    @Test
    void help_prints_the_options_of_every_command_and_of_every_command_of_a_command() {
        requireHelp(DpoCommand.commandLine(), "help");
        assertThat(Ended.of("help", "data", "audit").out()).startsWith("Usage: dpo data audit ");
    }

    /** Checks a command and all below it. */
    private static void requireHelp(CommandLine command, String... words) {
        Ended help = Ended.of(words);
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("Usage: " + command.getCommandSpec().qualifiedName() + " ");
        command.getSubcommands()
                .forEach((name, below) -> requireHelp(
                        below,
                        Stream.concat(Arrays.stream(words), Stream.of(name)).toArray(String[]::new)));
    }

    @Test
    void an_unknown_command_is_a_usage_error_that_lists_the_known_ones() {
        Ended unknown = Ended.of("help", "data", "audits");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).startsWith("error: COMMAND must be one of audit, got audits\n");
        assertThat(Ended.of("help", "sweep", "audit").err())
                .startsWith("error: COMMAND must end with sweep, which has no subcommands, got audit\n");
    }
}
