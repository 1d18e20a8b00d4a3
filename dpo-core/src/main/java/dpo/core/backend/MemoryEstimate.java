package dpo.core.backend;

import dpo.core.setting.Requirement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The memory that training needs at its peak, estimated before anything is computed.
 *
 * @param parts what needs it, in the order to be shown
 */
public record MemoryEstimate(List<Part> parts) {

    public MemoryEstimate {
        parts = List.copyOf(parts);
    }

    /**
     * What needs a part of it.
     *
     * @param name a word for messages: weights, gradients, …
     * @param bytes at least 0
     * @param shared tells what several policies of one process hold together: those whose parts have it in common hold
     *     one; empty where each has its own
     */
    public record Part(String name, long bytes, Optional<Object> shared) {

        public Part {
            Requirement.notNegative("bytes of " + name, bytes);
        }

        /** A part of a policy's own. */
        public static Part own(String name, long bytes) {
            return new Part(name, bytes, Optional.empty());
        }

        /** A part that policies hold together. */
        public static Part shared(String name, long bytes, Object by) {
            return new Part(name, bytes, Optional.of(by));
        }
    }

    /** The sum of all parts, bytes. */
    public long bytes() {
        return parts.stream().mapToLong(Part::bytes).sum();
    }

    /** The bytes of each name, in the order of the parts. */
    public Map<String, Long> byName() {
        return parts.stream().collect(
                Collectors.groupingBy(Part::name, LinkedHashMap::new, Collectors.summingLong(Part::bytes)));
    }

    /** The memory of several at the same time, in one process: what they share counts once. */
    public static MemoryEstimate together(List<MemoryEstimate> estimates) {
        Set<Object> counted = new LinkedHashSet<>();
        List<Part> all = new ArrayList<>();
        estimates.stream()
                .flatMap(estimate -> estimate.parts().stream())
                .filter(part -> part.shared().isEmpty() || counted.add(part.shared().get()))
                .forEach(all::add);
        return new MemoryEstimate(all);
    }
}
