package dpo.torch.memory;

import dpo.core.backend.MemoryEstimate;
import dpo.core.backend.MemoryEstimate.Component;
import dpo.core.backend.Workload;
import dpo.torch.layout.PackedRows;
import dpo.torch.lm.LanguageHead;
import dpo.torch.lora.Adapter;
import dpo.torch.lora.LoraAdapter;
import dpo.torch.nn.Architecture;
import dpo.torch.nn.Projection;
import dpo.torch.nn.SavedActivations;
import dpo.torch.tensor.Precision;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An estimate of the memory of training a model, from its architecture: parameters with gradients and moments, the
 * activations that the largest pass saves for its backward pass, and the workspace of a layer or of a chunk of logits.
 *
 * @param architecture of the model
 * @param precision dtype of matmuls
 * @param checkpointing whether layers are recomputed in the backward pass
 * @param adapter numbers of its adapter; empty if the model itself is trained
 * @param frozenModel identifies a frozen model, of which policies share one copy
 */
public record TrainingMemory(
        Architecture architecture,
        Precision precision,
        boolean checkpointing,
        Optional<Long> adapter,
        Object frozenModel) {

    /** Chunks of logits at the same time: the logits, their exponentials, and a part of the softmax. */
    private static final int CHUNKS = 3;

    /** A soft cap adds its slope. */
    private static final int CHUNKS_OF_CAPPED = 4;

    /** A model, and the adapter that is trained instead of its weights. */
    public static TrainingMemory of(
            Architecture architecture,
            Precision precision,
            boolean checkpointing,
            Optional<LoraAdapter> adapter,
            Object frozenModel) {
        Optional<Long> numbers = adapter.map(
                settings -> numbers(Adapter.shapes(settings, architecture).values()));
        return new TrainingMemory(architecture, precision, checkpointing, numbers, frozenModel);
    }

    /** The estimate for a training run. */
    public MemoryEstimate estimate(Workload workload, MemoryConstants constants) {
        List<Component> parts = new ArrayList<>();
        parts.add(weights());
        add(parts, "rounded copies", adapter.isPresent() ? 0 : roundedCopies());
        add(parts, "adapter", adapter.map(this::withRoundedCopies).orElse(0L));
        add(parts, "gradients", Float.BYTES * trained());
        add(parts, "moments", 2L * Float.BYTES * trained());
        if (workload.secondModel()) {
            add(
                    parts,
                    "reference",
                    adapter.map(this::withRoundedCopies).orElse(weights().bytes() + roundedCopies()));
        }
        List<PassMemory> passes = new ArrayList<>();
        workload.trained()
                .forEach(rows -> passes.add(trained(new PackedRows(rows), workload.accumulates(), constants)));
        workload.scored().forEach(rows -> passes.add(scored(new PackedRows(rows), constants)));
        passes.stream().max(Comparator.comparingLong(PassMemory::bytes)).ifPresent(largest -> {
            add(parts, "activations", largest.saved());
            add(parts, "workspace", largest.workspace());
            add(parts, "fragmentation", largest.fragmentation());
        });
        // On a CPU oneDNN compiles a kernel for each shape of a matmul; its caches and libtorch's hold the kernels.
        add(
                parts,
                "matmul code",
                workload.device().equals("cpu") ? constants.matMulCode(precision, workload.sequences()) : 0);
        parts.add(Component.shared("runtime", (long) constants.runtime().value(), "runtime"));
        return new MemoryEstimate(parts);
    }

    private static void add(List<Component> parts, String name, long bytes) {
        if (bytes > 0) {
            parts.add(Component.own(name, bytes));
        }
    }

    /**
     * The memory of a pass, in bytes.
     *
     * @param saved activations for the backward pass
     * @param workspace of the largest computation
     * @param fragmentation of the allocator's heap
     */
    private record PassMemory(long saved, long workspace, long fragmentation) {

        long bytes() {
            return saved + workspace + fragmentation;
        }
    }

    private PassMemory pass(long saved, long workspace, PackedRows rows, MemoryConstants constants) {
        double layers = Math.min(
                        constants.fragmentedLayers().value(),
                        architecture.layers().size() - 1)
                * largestLayer(rows);
        double share = Math.min(
                constants.fragmentedShare().value() * saved,
                constants.fragmentedLimit().value());
        return new PassMemory(saved, workspace, (long) (layers + share));
    }

    private PassMemory trained(PackedRows rows, boolean accumulates, MemoryConstants constants) {
        long layers = checkpointing
                ? architecture.layers().size() * stream(rows) + largestLayer(rows)
                : architecture.savedActivations(rows).stream()
                        .mapToLong(this::bytes)
                        .sum();
        long saved = layers + bytes(architecture.sharedActivations(rows)) + 2 * stream(rows) + 4 * scoredStream(rows);
        // Layer by layer, gradients replace saved activations, unless an earlier pass has left gradients.
        long replaced = accumulates ? 0 : Math.min(saved, Float.BYTES * (trained() - headGradient()));
        return pass(
                saved - replaced,
                Math.max(largestLayer(rows), head(rows) + Float.BYTES * headGradient()),
                rows,
                constants);
    }

    private PassMemory scored(PackedRows rows, MemoryConstants constants) {
        long saved = bytes(architecture.sharedActivations(rows)) + 3 * stream(rows) + scoredStream(rows);
        return pass(saved, Math.max(2 * largestLayer(rows), head(rows)), rows, constants);
    }

    private Component weights() {
        if (adapter.isEmpty()) {
            return Component.own(
                    "weights", Float.BYTES * numbers(architecture.parameters().values()));
        }
        Set<String> ofMatMuls =
                architecture.projections().map(Projection::weightName).collect(Collectors.toSet());
        long bytes = architecture.parameters().entrySet().stream()
                .mapToLong(each -> numbers(List.of(each.getValue()))
                        * (ofMatMuls.contains(each.getKey()) ? bytesPerNumber() : Float.BYTES))
                .sum();
        return Component.shared("weights", bytes, frozenModel);
    }

    private long roundedCopies() {
        return precision == Precision.FLOAT32
                ? 0
                : architecture
                        .projections()
                        .mapToLong(projection -> (long) bytesPerNumber() * projection.in() * projection.out())
                        .sum();
    }

    /** Bytes of float32 matrices with a number of elements, and of their copies in the dtype of matmuls. */
    private long withRoundedCopies(long numbers) {
        return (Float.BYTES + (precision == Precision.FLOAT32 ? 0 : bytesPerNumber())) * numbers;
    }

    /** The number of trained elements. */
    private long trained() {
        return adapter.orElseGet(() -> numbers(architecture.parameters().values()));
    }

    /** Numbers of the head's gradient, which comes first in the backward pass; 0 if the head is frozen. */
    private long headGradient() {
        return adapter.isPresent() ? 0 : (long) architecture.vocabularySize() * architecture.hiddenSize();
    }

    private long head(PackedRows rows) {
        return (architecture.head().softCap().isPresent() ? CHUNKS_OF_CAPPED : CHUNKS)
                * (long) Float.BYTES
                * Math.min(LanguageHead.CHUNK, (long) rows.shape().tokens() * architecture.vocabularySize());
    }

    private long stream(PackedRows rows) {
        return (long) Float.BYTES * rows.tokens() * architecture.hiddenSize();
    }

    private long scoredStream(PackedRows rows) {
        return (long) Float.BYTES * rows.shape().tokens() * architecture.hiddenSize();
    }

    private long largestLayer(PackedRows rows) {
        return architecture.savedActivations(rows).stream()
                .mapToLong(this::bytes)
                .max()
                .orElseThrow();
    }

    private long bytes(SavedActivations saved) {
        return saved.bytes(bytesPerNumber());
    }

    private int bytesPerNumber() {
        return precision == Precision.FLOAT32 ? Float.BYTES : Short.BYTES;
    }

    /** The number of elements of tensors with these shapes. */
    public static long numbers(Collection<List<Long>> shapes) {
        return shapes.stream()
                .mapToLong(shape -> shape.stream().reduce(1L, Math::multiplyExact))
                .sum();
    }
}
