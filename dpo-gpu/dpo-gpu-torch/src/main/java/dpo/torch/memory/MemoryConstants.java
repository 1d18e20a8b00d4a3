package dpo.torch.memory;

import dpo.core.setting.Requirement;
import dpo.torch.tensor.Precision;
import java.util.Map;
import java.util.Objects;

/**
 * The constants of {@link TrainingMemory} that are measured.
 *
 * @param runtime bytes of the virtual machine with its heap, of libtorch, and of freed memory that neither returns to
 *     the system
 * @param fragmentedLayers layers whose freed blocks the allocator cannot reuse
 * @param fragmentedShare share of the saved activations that fragmentation adds
 * @param fragmentedLimit largest number of bytes of that share: large blocks are mapped separately
 * @param matmulCode kernels that oneDNN compiles on a CPU, by the dtype of matmuls
 */
public record MemoryConstants(
        Constant runtime,
        Constant fragmentedLayers,
        Constant fragmentedShare,
        Constant fragmentedLimit,
        Map<Precision, MatMulCode> matmulCode) {

    private static final String BYTES = "bytes";

    public MemoryConstants {
        matmulCode = Map.copyOf(matmulCode);
        runtime.requireUnit(BYTES, "runtime");
        fragmentedLayers.requireUnit("layers", "fragmented_layers");
        fragmentedShare.requireUnit("1", "fragmented_share");
        fragmentedLimit.requireUnit(BYTES, "fragmented_limit");
        for (Precision dtype : Precision.values()) {
            Requirement.holds(
                    matmulCode.containsKey(dtype), "matmul_code", "must have each dtype", matmulCode.keySet());
        }
    }

    /** A measured number, at least 0, with its unit and its meaning. */
    public record Constant(double value, String unit, String meaning) {

        public Constant {
            Requirement.notNegative("value", value);
        }

        private void requireUnit(String expected, String name) {
            Requirement.holds(unit.equals(expected), name, "must have the unit " + expected, unit);
        }
    }

    /**
     * The compiled kernels of matmuls.
     *
     * @param perSequence bytes for each sequence, whose length may be new
     * @param limit bytes that the caches of the kernels hold
     */
    public record MatMulCode(Constant perSequence, Constant limit) {

        public MatMulCode {
            perSequence.requireUnit(BYTES, "per_sequence");
            limit.requireUnit(BYTES, "limit");
        }
    }

    /** Bytes of the kernels that are compiled for some sequences. */
    long matMulCode(Precision dtype, long sequences) {
        MatMulCode code = Objects.requireNonNull(matmulCode.get(dtype));
        return (long)
                Math.min(code.limit().value(), sequences * code.perSequence().value());
    }
}
