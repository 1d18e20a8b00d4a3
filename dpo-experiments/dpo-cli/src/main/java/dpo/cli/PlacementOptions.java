package dpo.cli;

import dpo.core.InvalidInputException;
import dpo.harness.sweep.Placement;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Processes and devices of runs, which are no part of their configuration. */
final class PlacementOptions {

    @Option(
            names = "--ranks",
            paramLabel = "N",
            description = {
                "Number of ranks that share the steps of a run, each a process with its part of the threads. Default:"
                        + " ${DEFAULT-VALUE}.",
                "Results do not depend on it up to rounding. A step needs as many micro-batches as there are ranks."
            })
    private int ranks = 1;

    @Option(
            names = "--one-process",
            description =
                    "Computes the shares of all ranks in turn in one process: results are those of --ranks N to the bit.")
    private boolean oneProcess;

    @Option(
            names = "--devices",
            paramLabel = "DEVICE",
            split = ",",
            description = {
                "Devices, such as cuda:0,cuda:1, of which each process of a running cell has one alone.",
                "Default: the configuration's device; with N processes per cell and cuda, the first N."
            })
    private List<String> devices = new ArrayList<>();

    Placement placement() {
        Placement placement = new Placement(ranks, oneProcess, devices);
        if (ranks > 1 && !oneProcess) {
            StandardOutput.ofJavaAlone();
        }
        return placement;
    }

    /** That of a client, which only reads models and data: the machines of its cluster have the devices. */
    Placement ofClient() {
        Placement ofCells = new Placement(ranks, oneProcess, devices);
        if (!devices.isEmpty()) {
            throw new InvalidInputException(
                    "--devices must be absent with --spark, which gives each cell a device, got "
                            + String.join(",", ofCells.devices()));
        }
        return new Placement(1, true, List.of("cpu"));
    }
}
