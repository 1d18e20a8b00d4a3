package dpo.harness.memory;

import dpo.core.InvalidInputException;
import dpo.core.backend.EstimateError;
import dpo.core.backend.MemoryEstimate;
import dpo.core.backend.MemoryEstimate.Component;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.sweep.PlannedRun;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Compares the estimated memory of runs with the available memory, before they start. */
public final class MemoryCheck {

    /**
     * Multiple of the available memory beyond which an estimate is an error. Every held-out training of more than 1 GB
     * needs at least its estimate divided by this number.
     */
    static final double LIMIT = 1.5;

    private static final double GIGABYTE = 1e9;
    private static final double LEAST_SHOWN = 0.05e9;

    /**
     * Allowance for tokens, tokenizer, files, report and figures, besides what the backend's estimate counts. It is not
     * fitted to peaks, so it is no part of a backend's calibration. For its size: on 2026-11-30 a small training of the
     * tabular backend with its report had a peak of 245 MB, 72 MB of which the virtual machine takes for {@code dpo
     * losses} alone.
     */
    private static final MemoryEstimate PROGRAM =
            new MemoryEstimate(List.of(Component.shared("runtime", 150_000_000, MemoryCheck.class)));

    private final Backends backends;
    private final List<CellMemory> cells;
    private final int atOnce;
    private final OptionalLong available;
    private final Map<Object, Optional<MemoryEstimate>> known = new HashMap<>();

    private MemoryCheck(Backends backends, List<CellMemory> cells, int atOnce, OptionalLong available) {
        this.backends = backends;
        this.cells = cells;
        this.atOnce = atOnce;
        this.available = available;
    }

    /**
     * The available bytes on the device of the runs; empty if unknown, or if the runs use several devices.
     */
    public static OptionalLong available(Backends backends, List<ExperimentConfig> runs) {
        Set<String> devices = runs.stream().map(ExperimentConfig::device).collect(Collectors.toSet());
        if (devices.size() != 1) {
            return OptionalLong.empty();
        }
        String device = devices.iterator().next();
        return device.equals("cpu")
                ? MachineMemory.available()
                : runs.stream()
                        .map(ExperimentConfig::backend)
                        .distinct()
                        .map(name -> backends.find(name).orElseThrow().freeMemory(device))
                        .reduce((some, others) -> some.isPresent() ? some : others)
                        .orElseThrow();
    }

    /**
     * Creates the check of runs.
     *
     * @param runs the runs to compute
     * @param atOnce number of parallel runs, at least 1
     * @param available bytes that this process may use; empty if unknown
     */
    public static MemoryCheck of(Backends backends, List<PlannedRun> runs, int atOnce, OptionalLong available) {
        return new MemoryCheck(
                backends,
                runs.stream()
                        .map(run -> CellMemory.of(run.config(), run.data().tokens(), run.maxLength()))
                        .toList(),
                atOnce,
                available);
    }

    /** Creates the check of the models without data, a lower bound, before they are opened. */
    public static MemoryCheck ofModels(Backends backends, List<ExperimentConfig> runs, OptionalLong available) {
        return new MemoryCheck(
                backends, runs.stream().map(CellMemory::withoutData).toList(), 1, available);
    }

    /** A line with the estimate and its parts; empty if no backend has an estimate. */
    public Optional<String> line() {
        return estimate(cells, atOnce)
                .map(estimate -> "memory: about " + gigabytes(estimate.bytes())
                        + (available.isPresent()
                                ? " of " + gigabytes(available.getAsLong()) + " available"
                                : ", available memory unknown")
                        + (atOnce > 1 ? ", for " + Math.min(atOnce, cells.size()) + " models at once: " : ": ")
                        + parts(estimate));
    }

    private static String parts(MemoryEstimate estimate) {
        return estimate.byName().entrySet().stream()
                .filter(part -> part.getValue() >= LEAST_SHOWN)
                .map(part -> part.getKey() + " " + number(part.getValue()))
                .collect(Collectors.joining(", "));
    }

    /**
     * Describes an estimate that exceeds the available memory, with settings that would fit and the error of such
     * estimates; empty if the estimate does not exceed it, or one of the two is unknown.
     */
    public Optional<String> warning() {
        return excess(1)
                .map(estimate -> "warning: the run may not fit " + machine() + " (available "
                        + gigabytes(available.getAsLong()) + "), its estimate is " + remedies(estimate));
    }

    /**
     * Requires the estimate to be at most {@value #LIMIT} times the available memory.
     *
     * @throws InvalidInputException if it is larger; the message has the numbers and settings that would fit
     */
    public void requireWithinLimit() {
        excess(LIMIT).ifPresent(estimate -> {
            throw new InvalidInputException("memory must fit " + machine() + " (available "
                    + gigabytes(available.getAsLong()) + "; the limit is " + LIMIT + " times that), got an estimate of "
                    + remedies(estimate) + "; --ignore-memory starts the run anyway");
        });
    }

    /** The estimate, if it exceeds a multiple of the available memory. */
    private Optional<MemoryEstimate> excess(double factor) {
        return estimate(cells, atOnce)
                .filter(estimate -> available.isPresent() && estimate.bytes() > factor * available.getAsLong());
    }

    private String machine() {
        String device = cells.get(0).config().device();
        return device.equals("cpu") ? "this machine" : device;
    }

    private String remedies(MemoryEstimate estimate) {
        return gigabytes(estimate.bytes()) + "; "
                + new FittingSettings(backends, this::bytes, available.getAsLong()).describe(cells, atOnce)
                + estimate.error().map(error -> "; " + describe(error)).orElse("");
    }

    private static String describe(EstimateError error) {
        return String.format(
                Locale.ROOT,
                "in %d test measurements the estimate was %s to %s the peak",
                error.measurements(),
                percent(error.lowest()),
                percent(error.highest()));
    }

    private static String percent(double error) {
        return String.format(Locale.ROOT, "%.0f %% %s", Math.abs(100 * error), error < 0 ? "below" : "above");
    }

    private long bytes(List<CellMemory> some, int together) {
        return estimate(some, together).map(MemoryEstimate::bytes).orElse(0L);
    }

    /** The memory of the largest cells, as many as run in parallel. */
    private Optional<MemoryEstimate> estimate(List<CellMemory> some, int together) {
        try {
            List<MemoryEstimate> largest = some.stream()
                    .flatMap(cell -> known.computeIfAbsent(cell.key(), unknown -> cell.memory(backends)).stream())
                    .sorted(Comparator.comparingLong(MemoryEstimate::bytes).reversed())
                    .limit(together)
                    .toList();
            return Optional.of(
                            Stream.concat(largest.stream(), Stream.of(PROGRAM)).toList())
                    .filter(all -> !largest.isEmpty())
                    .map(MemoryEstimate::together);
        } catch (IllegalArgumentException | UncheckedIOException e) {
            throw new InvalidInputException("model cannot be opened: " + e.getMessage(), e);
        }
    }

    /** Formats bytes in decimal gigabytes: {@code 4.4 GB}. */
    static String gigabytes(long bytes) {
        return number(bytes) + " GB";
    }

    private static String number(long bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / GIGABYTE);
    }
}
