package dpo.cli;

import dpo.core.InvalidInputException;
import dpo.harness.store.FolderLock;
import dpo.harness.store.Leases;
import dpo.harness.sweep.Sweep;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How several processes share a sweep. */
final class WorkerOptions {

    private static final double LONGEST = 86_400;

    @Option(
            names = "--worker",
            description = {
                "Share the sweep with other processes that have this option and the same folder, on this machine or on"
                        + " others: compute the next cell that nobody computes, until none is left.",
                "Workers may start and end at any time."
            })
    private boolean isWorker;

    @Option(
            names = "--lease",
            paramLabel = "SECONDS",
            description = {
                "With --worker: after this time without a sign of life of a worker, others take over its cell.",
                "Default: ${DEFAULT-VALUE}."
            })
    private double lease = 60;

    /** The leases of this process; empty without --worker. */
    Optional<Leases> leases(Path folder) {
        if (!(lease >= 1 && lease <= LONGEST)) {
            throw new InvalidInputException("--lease must be at least 1 and at most 86400 seconds, got " + lease);
        }
        return isWorker
                ? Optional.of(
                        new Leases(folder.resolve(Sweep.LEASES), owner(), Duration.ofMillis(Math.round(lease * 1_000))))
                : Optional.empty();
    }

    /** The lock of the folder of a sweep, of which workers have a part each. */
    FolderLock lock(Path folder) {
        return isWorker ? FolderLock.shared(folder) : FolderLock.of(folder);
    }

    /** Machine, process and time; the last part tells processes of containers apart. */
    private static String owner() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unnamed) {
            host = "unnamed";
        }
        return host.replaceAll("[^\\w.-]", "_") + "-" + ProcessHandle.current().pid() + "-"
                + Instant.now().toString().replaceAll("\\D", "");
    }
}
