package dpo.harness.sweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the process of a rank other than 0 needs to know, as a command line.
 *
 * @param run folder of the run, which holds its configuration
 * @param references folder of the reference log-probabilities
 * @param ranks number of ranks
 */
record RankArguments(Path run, Path references, int ranks) {

    /** Starts processes by a command line to which the arguments are added; messages go to stderr of this process. */
    RankProcesses.Starter starter(List<String> command) {
        return (rank, device, meeting) -> {
            List<String> arguments = new ArrayList<>(command);
            Stream.of(run, references, rank, ranks, device, meeting)
                    .map(Object::toString)
                    .forEach(arguments::add);
            return new ProcessBuilder(arguments)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        };
    }
}
