package dpo.harness.sweep;

import dpo.harness.config.ExperimentConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The devices of a placement, of which each running cell takes some. Thread-safe. */
final class DevicePool {

    private final Placement placement;
    private final TreeSet<Integer> free;

    DevicePool(Placement placement) {
        this.placement = placement;
        this.free =
                IntStream.range(0, placement.devices().size()).boxed().collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * Devices that a run has alone until they are given back, unless they are those of its configuration.
     *
     * @param devices one per process of the run
     */
    record Taken(List<String> devices, Runnable giveBack) implements AutoCloseable {

        @Override
        public void close() {
            giveBack.run();
        }
    }

    /** Takes the first free devices, one per process; waits until there are so many. */
    synchronized Taken take(ExperimentConfig config) {
        if (placement.devices().isEmpty()) {
            return new Taken(placement.of(config), () -> {});
        }
        List<Integer> taken = new ArrayList<>();
        try {
            while (free.size() < placement.processes()) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("a cell must not be interrupted while it waits for a device", e);
        }
        while (taken.size() < placement.processes()) {
            taken.add(free.pollFirst());
        }
        return new Taken(taken.stream().map(placement.devices()::get).toList(), () -> giveBack(taken));
    }

    private synchronized void giveBack(List<Integer> taken) {
        free.addAll(taken);
        notifyAll();
    }
}
