package dpo.harness.cluster;

import dpo.harness.config.TaskResources;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Commands to run on a cluster.
 *
 * @param url address of the cluster
 * @param name name of the job, for people
 * @param commands each is a program and its arguments
 * @param environment variables of the processes, beside those of their machine
 * @param directory working folder of the processes
 * @param resources what each process needs
 */
public record ClusterJob(
        String url,
        String name,
        List<List<String>> commands,
        Map<String, String> environment,
        Path directory,
        TaskResources resources) {

    public ClusterJob {
        commands = commands.stream().map(List::copyOf).toList();
        environment = Map.copyOf(environment);
    }
}
