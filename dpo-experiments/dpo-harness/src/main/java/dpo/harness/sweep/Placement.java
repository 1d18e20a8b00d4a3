package dpo.harness.sweep;

import dpo.core.InvalidInputException;
import dpo.core.backend.Availability;
import dpo.core.backend.Execution;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ExperimentFile;
import dpo.train.OnPreferences;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Where the runs of a start of the program are computed: by how many processes each, and on which devices. It is no part
 * of a run, as its number of threads is none unless the configuration sets it.
 *
 * @param ranks number of shares of each step of a run, at least 1
 * @param oneProcess whether one process computes the shares in turn, instead of one process each; the bits are equal
 * @param devices devices of which each process of a run has one, different ones; empty: those of the configuration
 */
public record Placement(int ranks, boolean oneProcess, List<String> devices) {

    /** One process per run, on the device of its configuration. */
    public static final Placement OF_CONFIG = inOneProcess(1);

    public Placement {
        if (ranks < 1) {
            throw new InvalidInputException("--ranks must be at least 1, got " + ranks);
        }
        devices.forEach(Execution::requireDevice);
        if (new HashSet<>(devices).size() < devices.size()) {
            throw new InvalidInputException("--devices must be different devices, got " + String.join(",", devices));
        }
        devices = List.copyOf(devices);
    }

    /** The runs of a number of ranks, computed by one process, on the device of the configuration. */
    public static Placement inOneProcess(int ranks) {
        return new Placement(ranks, true, List.of());
    }

    /** Number of processes of a run. */
    int processes() {
        return oneProcess ? 1 : ranks;
    }

    /**
     * Requires devices that are there, of the kind in the configurations, and enough of them.
     *
     * @param cells configurations to compute
     * @param atOnce number of them in parallel
     * @throws InvalidInputException if one of them cannot be computed here
     */
    public void requireUsable(List<ExperimentFile.Cell> cells, int atOnce, Backends backends) {
        if (!devices.isEmpty() && (long) atOnce * processes() > devices.size()) {
            throw new InvalidInputException(
                    "--devices must be at least one for each process of the cells that run in" + " parallel (--cells "
                            + atOnce + (oneProcess ? "" : ", --ranks " + ranks) + "), got " + devices.size());
        }
        for (ExperimentFile.Cell cell : cells) {
            ExperimentConfig config = cell.config();
            requireOneRank(config);
            for (String device : devices) {
                if (device.equals("cpu") != config.device().equals("cpu")) {
                    throw new InvalidInputException("--devices must be of the kind of the configuration's device ("
                            + config.device() + "), got " + device);
                }
            }
            if (processes() > 1 && devices.isEmpty() && config.device().contains(":")) {
                throw new InvalidInputException("--devices must name one device per rank if the configuration names one"
                        + " device, got --ranks " + ranks + " and device " + config.device());
            }
            if (ranks > 1 || !devices.isEmpty()) {
                of(config).forEach(device -> requireAvailable(device, config, backends));
            }
            requireShared(config, backends);
        }
    }

    /** Joining does nothing before ranks meet. */
    private void requireShared(ExperimentConfig config, Backends backends) {
        if (ranks > 1) {
            try {
                backends.find(config.backend())
                        .orElseThrow()
                        .join(of(config).get(0), 0, ranks, Path.of("meeting"), () -> {})
                        .close();
            } catch (IllegalArgumentException unsupported) {
                throw new InvalidInputException(unsupported.getMessage(), unsupported);
            }
        }
    }

    private void requireOneRank(ExperimentConfig config) {
        config.method()
                .filter(method -> ranks > 1 && !(method instanceof OnPreferences))
                .ifPresent(method -> {
                    throw new InvalidInputException(
                            "--ranks must be 1 with a method that learns from a reward, got " + ranks);
                });
    }

    private static void requireAvailable(String device, ExperimentConfig config, Backends backends) {
        if (backends.find(config.backend()).orElseThrow().availability(device)
                instanceof Availability.Missing missing) {
            throw new InvalidInputException(
                    "device of each process must be there, got " + device + ": " + missing.reason());
        }
    }

    /**
     * Requires at least one micro-batch of the first step for each rank.
     *
     * @throws InvalidInputException if a rank would have nothing to do
     */
    public void requireWork(List<PlannedRun> runs) {
        for (PlannedRun run : ranks == 1 ? List.<PlannedRun>of() : runs) {
            int microBatches = run.config()
                    .trainingSettings()
                    .plan(run.data().tokens().train())
                    .step(1)
                    .microBatches()
                    .size();
            if (microBatches < ranks) {
                throw new InvalidInputException("--ranks must be at most the number of micro-batches of a step, got "
                        + ranks + " for " + microBatches
                        + "; training.micro_batch_size and micro_batch_tokens divide a step");
            }
        }
    }

    /** The devices of which the processes of a run take theirs, at least one for each. */
    List<String> of(ExperimentConfig config) {
        if (!devices.isEmpty()) {
            return devices;
        }
        return config.device().equals("cuda") && processes() > 1
                ? IntStream.range(0, ranks).mapToObj(rank -> "cuda:" + rank).toList()
                : Collections.nCopies(processes(), config.device());
    }

    /** A configuration as a process computes it: on its device, with the part of the threads that a share has. */
    ExperimentConfig on(String device, ExperimentConfig config) {
        if (ranks == 1 && device.equals(config.device())) {
            return config;
        }
        return config.on(device, Optional.of(Math.max(1, config.execution().threads() / ranks)));
    }

    /** A configuration as the first process computes it. */
    ExperimentConfig onFirst(ExperimentConfig config) {
        return on(of(config).get(0), config);
    }

    /** The runs, each once per model of it that lies in the memory of the machine, or of one device. */
    public List<PlannedRun> inOneMemory(List<PlannedRun> runs) {
        return runs.stream()
                .flatMap(run -> Collections.nCopies(inOneMemory(run.config().device()), run).stream())
                .toList();
    }

    private int inOneMemory(String device) {
        return device.equals("cpu") ? processes() : 1;
    }

    /**
     * The largest number of models in one memory at the same time.
     *
     * @param atOnce number of runs in parallel
     * @param device of their configuration
     */
    public int inOneMemory(int atOnce, String device) {
        boolean isOneEach = !devices.isEmpty() && !device.equals("cpu");
        return isOneEach ? 1 : atOnce * inOneMemory(device);
    }
}
