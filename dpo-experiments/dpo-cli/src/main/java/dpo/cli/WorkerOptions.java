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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

    @Option(
            names = "--only",
            paramLabel = "CELL",
            description = {
                "With --worker: compute this cell only, given by the name of its folder, and leave table and report to others.",
                "The exit code is 0 once the cell has an end, also if it failed."
            })
    private Optional<String> only = Optional.empty();

    /** Whether others complete the sweep. */
    boolean isPart() {
        return only.isPresent();
    }

    /** This process' part of a sweep. */
    Sweep part(Sweep sweep) {
        if (only.isPresent() && !isWorker) {
            throw new InvalidInputException("--only must come with --worker, got --only " + only.get());
        }
        return only.map(cell -> sweep.only(Set.of(cell))).orElse(sweep);
    }

    /**
     * The command of a worker with the options of this start of the command line.
     *
     * @param arguments of this start
     * @param without options to leave out, which have a value each
     */
    static List<String> command(List<String> arguments, Set<String> without) {
        List<String> command = new ArrayList<>(
                List.of(Optional.ofNullable(System.getenv("DPO_PROGRAM")).orElse("dpo")));
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (without.contains(argument)) {
                i++;
            } else if (without.stream().noneMatch(own -> argument.startsWith(own + "="))
                    && !argument.equals("--worker")) {
                command.add(argument);
            }
        }
        command.add("--worker");
        return command;
    }

    /** The leases of this process; empty if it is alone. */
    Optional<Leases> leases(Path folder, boolean isShared) {
        if (!(lease >= 1 && lease <= LONGEST)) {
            throw new InvalidInputException("--lease must be at least 1 and at most 86400 seconds, got " + lease);
        }
        return isShared
                ? Optional.of(
                        new Leases(folder.resolve(Sweep.LEASES), owner(), Duration.ofMillis(Math.round(lease * 1_000))))
                : Optional.empty();
    }

    /** The lock of the folder of a sweep, of which workers have a part each. */
    FolderLock lock(Path folder, boolean isShared) {
        return isShared ? FolderLock.shared(folder) : FolderLock.of(folder);
    }

    /** Whether this is a worker. */
    boolean isWorker() {
        return isWorker;
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
