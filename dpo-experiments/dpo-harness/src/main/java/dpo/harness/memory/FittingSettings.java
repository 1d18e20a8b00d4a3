package dpo.harness.memory;

import dpo.harness.config.Backends;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Finds settings with which runs fit into memory: single ones, or, if none suffices, a combination. Settings that leave
 * the results unchanged come first.
 */
final class FittingSettings {

    private static final int SHORTEST = 128;

    private final Backends backends;
    private final Size size;
    private final long available;

    /** The memory of runs, a given number of which run in parallel. */
    @FunctionalInterface
    interface Size {
        long bytes(List<CellMemory> cells, int atOnce);
    }

    FittingSettings(Backends backends, Size size, long available) {
        this.backends = backends;
        this.size = size;
        this.available = available;
    }

    /**
     * Runs with one changed setting.
     *
     * @param text the setting as the user writes it
     */
    private record Change(String text, List<CellMemory> cells, int atOnce) {}

    /** The settings that would fit, as text for a message. */
    String describe(List<CellMemory> cells, int atOnce) {
        List<String> fitting = changes(cells, atOnce).stream()
                .filter(change -> bytes(change) <= available)
                .map(change -> describe(List.of(change.text()), change))
                .toList();
        return fitting.isEmpty() ? together(cells, atOnce) : "would fit: " + String.join("; ", fitting);
    }

    /** One change per kind: the smallest one that fits, or else the largest one. */
    private List<Change> changes(List<CellMemory> cells, int atOnce) {
        List<Change> changes = new ArrayList<>();
        int cellsAtOnce = Math.min(atOnce, cells.size());
        leastFitting(halves(cellsAtOnce, 1), at -> new Change("--cells " + at, cells, at))
                .ifPresent(changes::add);
        microBatch(cells, atOnce).ifPresent(changes::add);
        modelSettings(cells).forEach(setting -> changes.add(model(setting, cells, atOnce)));
        int longest = cells.stream().mapToInt(CellMemory::longest).max().orElse(0);
        // Powers of two.
        leastFitting(
                        halves(2 * Integer.highestOneBit(Math.max(1, longest - 1)), SHORTEST),
                        tokens -> new Change(
                                "data.max_length: " + tokens,
                                cells.stream()
                                        .map(cell -> cell.withMaxLength(tokens))
                                        .toList(),
                                atOnce))
                .ifPresent(changes::add);
        return changes;
    }

    private List<String> modelSettings(List<CellMemory> cells) {
        Set<String> settings = new LinkedHashSet<>();
        cells.forEach(
                cell -> settings.addAll(cell.memorySavingAlternatives(backends).keySet()));
        return List.copyOf(settings);
    }

    private Change model(String setting, List<CellMemory> cells, int atOnce) {
        return new Change(
                setting,
                cells.stream()
                        .map(cell -> cell.memorySavingAlternatives(backends).getOrDefault(setting, cell))
                        .toList(),
                atOnce);
    }

    private Optional<Change> microBatch(List<CellMemory> cells, int atOnce) {
        int most = cells.stream().mapToInt(CellMemory::microBatch).max().orElse(1);
        boolean ofTokens = cells.stream()
                .anyMatch(cell -> cell.config().training().microBatchTokens().isPresent());
        String key = ofTokens ? "training.micro_batch_tokens: " : "training.micro_batch_size: ";
        return leastFitting(
                halves(most, ofTokens ? SHORTEST : 1),
                size -> new Change(
                        key + size,
                        cells.stream().map(cell -> cell.withMicroBatch(size)).toList(),
                        atOnce));
    }

    /** The first change that fits, else the last one. */
    private Optional<Change> leastFitting(List<Integer> sizes, IntFunction<Change> change) {
        List<Change> tried = new ArrayList<>();
        for (int at : sizes) {
            tried.add(change.apply(at));
            if (bytes(tried.get(tried.size() - 1)) <= available) {
                break;
            }
        }
        return tried.isEmpty() ? Optional.empty() : Optional.of(tried.get(tried.size() - 1));
    }

    /** The number halved repeatedly, rounded down, until the minimum. */
    private static List<Integer> halves(int number, int least) {
        return IntStream.iterate(number / 2, half -> half >= least, half -> half / 2)
                .boxed()
                .toList();
    }

    /** Combines changes, each of which saves memory. */
    private String together(List<CellMemory> cells, int atOnce) {
        List<String> texts = new ArrayList<>();
        Change last = new Change("", cells, atOnce);
        Optional<Change> next = next(last);
        while (next.isPresent()) {
            last = next.get();
            texts.add(last.text());
            if (bytes(last) <= available) {
                return "would fit together: " + describe(texts, last);
            }
            next = next(last);
        }
        return texts.isEmpty() ? "no setting reduces it" : "no settings make it fit: " + describe(texts, last);
    }

    private String describe(List<String> texts, Change last) {
        return String.join(", ", texts) + " (" + MemoryCheck.gigabytes(bytes(last)) + ")";
    }

    private Optional<Change> next(Change last) {
        long before = bytes(last);
        return changes(last.cells(), last.atOnce()).stream()
                .filter(change -> bytes(change) < before)
                .findFirst();
    }

    private long bytes(Change change) {
        return size.bytes(change.cells(), change.atOnce());
    }
}
