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
 * The estimated peak memory of a training.
 *
 * @param components the parts of the memory, in the order of printing
 * @param error how far such estimates are from measured peaks; empty if that was not measured
 */
public record MemoryEstimate(List<Component> components, Optional<EstimateError> error) {

    public MemoryEstimate {
        components = List.copyOf(components);
    }

    /** An estimate that was not compared with measured peaks. */
    public MemoryEstimate(List<Component> components) {
        this(components, Optional.empty());
    }

    /**
     * Memory for one purpose.
     *
     * @param name purpose, for messages: weights, gradients, …
     * @param bytes at least 0
     * @param shared key of memory that policies of one process share: components with equal keys are allocated once;
     *     empty if every policy allocates its own
     */
    public record Component(String name, long bytes, Optional<Object> shared) {

        public Component {
            Requirement.notNegative("bytes of " + name, (double) bytes);
        }

        /** Memory that every policy allocates for itself. */
        public static Component own(String name, long bytes) {
            return new Component(name, bytes, Optional.empty());
        }

        /** Memory that policies with the same key share. */
        public static Component shared(String name, long bytes, Object key) {
            return new Component(name, bytes, Optional.of(key));
        }
    }

    /** The sum of all components, bytes. */
    public long bytes() {
        return components.stream().mapToLong(Component::bytes).sum();
    }

    /** The bytes of each name, in the order of the components. */
    public Map<String, Long> byName() {
        return components.stream()
                .collect(Collectors.groupingBy(
                        Component::name, LinkedHashMap::new, Collectors.summingLong(Component::bytes)));
    }

    /**
     * The memory of several policies in one process at the same time. Shared memory counts once; the error is the
     * widest of the estimates' errors.
     */
    public static MemoryEstimate together(List<MemoryEstimate> estimates) {
        Set<Object> counted = new LinkedHashSet<>();
        List<Component> all = new ArrayList<>();
        estimates.stream()
                .flatMap(estimate -> estimate.components().stream())
                .filter(part ->
                        part.shared().isEmpty() || counted.add(part.shared().get()))
                .forEach(all::add);
        return new MemoryEstimate(
                all,
                estimates.stream()
                        .flatMap(estimate -> estimate.error().stream())
                        .reduce(EstimateError::widest));
    }
}
