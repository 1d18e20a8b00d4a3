package dpo.cli;

import dpo.core.InvalidInputException;
import dpo.harness.cluster.Cluster;
import dpo.harness.cluster.ClusterSweep;
import dpo.harness.config.ExperimentFile;
import dpo.harness.sweep.RunExecution;
import dpo.harness.sweep.Sweep;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** The cluster that computes the cells of a sweep. */
final class ClusterOptions {

    @Option(
            names = "--spark",
            paramLabel = "URL",
            description = {
                "Compute the cells on a Spark cluster that sees the output folder, the inputs and this program under the"
                        + " same paths: spark://HOST:7077, or local-cluster[2,1,1024] to try it.",
                "Needs a build with the Maven profile spark: DPO_MAVEN_OPTIONS=-Pspark."
            })
    private Optional<String> url = Optional.empty();

    boolean isAsked() {
        return url.isPresent();
    }

    /** The cluster; refuses if its jar is missing. */
    Cluster cluster() {
        return ServiceLoader.load(Cluster.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(cluster -> cluster.name().equals("spark"))
                .findFirst()
                .orElseThrow(
                        () -> new InvalidInputException(
                                "--spark needs a build with the Maven profile spark, got one without: DPO_MAVEN_OPTIONS=-Pspark"));
    }

    /** Refuses cells that would not use the GPU that they get. */
    void requireDevice(ExperimentFile file) {
        file.cells().stream()
                .map(cell -> cell.config().device())
                .filter(device -> isAsked() && file.cluster().gpus() > 0 && device.equals("cpu"))
                .findFirst()
                .ifPresent(device -> {
                    throw new InvalidInputException("device must be cuda if cluster.gpus is 1, got " + device);
                });
    }

    /** The variables of this program, except the options of the client's virtual machine. */
    private static Map<String, String> environment(int cpus) {
        Map<String, String> environment = new HashMap<>();
        System.getenv().forEach((name, value) -> {
            if (name.startsWith("DPO_") && !name.equals("DPO_JAVA_OPTIONS")) {
                environment.put(name, value);
            }
        });
        environment.put(Cluster.STOP_AT_END_OF_INPUT, "true");
        environment.put("DPO_PROCESSORS", Integer.toString(cpus));
        return environment;
    }

    /**
     * The sweep on the cluster.
     *
     * @param arguments of this start of the command line
     */
    ClusterSweep of(Sweep sweep, RunExecution execution, ExperimentFile file, List<String> arguments, Console console) {
        List<String> worker = WorkerOptions.command(arguments, Set.of("--spark", "--cells"));
        return new ClusterSweep(
                cluster(),
                url.orElseThrow(),
                cell -> Stream.concat(worker.stream(), Stream.of("--only", cell))
                        .toList(),
                environment(file.cluster().cpus()),
                file.cluster(),
                sweep,
                execution,
                console,
                console::print);
    }
}
