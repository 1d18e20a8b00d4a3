package dpo.torch;

import dpo.core.backend.MemoryEstimate.Part;
import dpo.core.backend.MemoryEstimate;
import dpo.core.backend.Workload;
import dpo.torch.block.Architecture;
import dpo.torch.block.Kept;
import dpo.torch.block.PackedRows;
import dpo.torch.block.Projection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The memory of training a model, from its blocks: parameters and what is held beside them, numbers kept for the
 * gradient of the largest pass, and what a layer or a piece of the head takes while it is computed.
 *
 * @param settings of the model
 * @param architecture its blocks
 * @param adapter numbers of its adapter; empty where the model itself is trained
 */
record TrainingMemory(TorchModel settings, Architecture architecture, Optional<Long> adapter) {

    /** The virtual machine with its heap, libtorch, and what neither gives back; measured. */
    private static final long RUNTIME = 340_000_000;

    /**
     * Layers whose blocks leave holes in the allocator's heap that the blocks of others do not fit into, since it keeps
     * what is let go; measured with the launcher's settings on two threads, as {@link #LOOSE} is.
     */
    private static final double LAYERS_OF_HOLES = 3.25;

    /** Part of what is kept that is not used at the ends of blocks, and the most of it: large blocks are mapped alone. */
    private static final double LOOSE = 0.2;

    private static final double MOST_LOOSE = 400_000_000;

    /** Code of the products of each sequence, and the most that is kept with the launcher's settings, bytes; measured. */
    private static final long CODE_OF_FLOAT32 = 1_000_000;

    private static final long MOST_CODE_OF_FLOAT32 = 1_000_000_000;
    private static final long CODE_OF_BFLOAT16 = 3_000_000;
    private static final long MOST_CODE_OF_BFLOAT16 = 1_000_000_000;

    /** Pieces of logits at the same time: the logits, their exponentials, and a part of the softmax. */
    private static final int PIECES = 3;

    /** The slope of a cap is one more. */
    private static final int PIECES_OF_CAPPED = 4;

    /** Of a settings record, without opening the model. */
    static TrainingMemory of(TorchModel settings) {
        Architecture architecture = BaseModel.architecture(settings);
        return new TrainingMemory(settings, architecture, settings.adapter().map(added ->
                numbers(Adapter.shapes(added, architecture).values())));
    }

    MemoryEstimate estimate(Workload workload) {
        List<Part> parts = new ArrayList<>();
        parts.add(weights());
        add(parts, "rounded copies", adapter.isPresent() ? 0 : roundedCopies());
        add(parts, "adapter", adapter.map(this::withRoundedCopies).orElse(0L));
        add(parts, "gradients", Float.BYTES * trained());
        add(parts, "moments", 2L * Float.BYTES * trained());
        if (workload.secondModel()) {
            add(parts, "reference", adapter.map(this::withRoundedCopies).orElse(weights().bytes() + roundedCopies()));
        }
        List<Pass> passes = new ArrayList<>();
        workload.trained().forEach(rows -> passes.add(trained(new PackedRows(rows), workload.accumulates())));
        workload.scored().forEach(rows -> passes.add(scored(new PackedRows(rows))));
        passes.stream().max(Comparator.comparingLong(Pass::bytes)).ifPresent(largest -> {
            add(parts, "activations", largest.kept());
            add(parts, "workspace", largest.workspace());
            add(parts, "unused between blocks", largest.unused());
        });
        add(parts, "code of products", workload.device().equals("cpu") ? codeOfProducts(workload.sequences()) : 0);
        parts.add(Part.shared("runtime", RUNTIME, "runtime"));
        return new MemoryEstimate(parts);
    }

    /** On a CPU each product has code made for its shape, which caches of oneDNN and libtorch keep. */
    private long codeOfProducts(long sequences) {
        return settings.dtype() == Precision.FLOAT32
                ? Math.min(MOST_CODE_OF_FLOAT32, sequences * CODE_OF_FLOAT32)
                : Math.min(MOST_CODE_OF_BFLOAT16, sequences * CODE_OF_BFLOAT16);
    }

    private static void add(List<Part> parts, String name, long bytes) {
        if (bytes > 0) {
            parts.add(Part.own(name, bytes));
        }
    }

    /**
     * What a pass takes.
     *
     * @param kept from its forward to its backward half, bytes
     * @param workspace taken for a moment, bytes
     * @param unused held by the allocator between them, bytes
     */
    private record Pass(long kept, long workspace, long unused) {

        long bytes() {
            return kept + workspace + unused;
        }
    }

    private Pass pass(long kept, long workspace, PackedRows rows) {
        double holes = Math.min(LAYERS_OF_HOLES, architecture.layers().size() - 1) * largestLayer(rows);
        return new Pass(kept, workspace, (long) (holes + Math.min(LOOSE * kept, MOST_LOOSE)));
    }

    private Pass trained(PackedRows rows, boolean accumulates) {
        long layers = settings.gradientCheckpointing()
                ? architecture.layers().size() * stream(rows) + largestLayer(rows)
                : architecture.kept(rows).stream().mapToLong(this::bytes).sum();
        long kept = layers + bytes(architecture.keptOnce(rows)) + 2 * stream(rows) + 4 * scoredStream(rows);
        // Layer by layer, gradients take the place of what was kept, where they are not there from an earlier pass.
        long replaced = accumulates ? 0 : Math.min(kept, Float.BYTES * (trained() - firstGradients()));
        return pass(kept - replaced, Math.max(largestLayer(rows), head(rows) + ofHeadGradient()), rows);
    }

    private Pass scored(PackedRows rows) {
        long kept = bytes(architecture.keptOnce(rows)) + 3 * stream(rows) + scoredStream(rows);
        return pass(kept, Math.max(2 * largestLayer(rows), head(rows)), rows);
    }

    private Part weights() {
        if (adapter.isEmpty()) {
            return Part.own("weights", Float.BYTES * numbers(architecture.parameters().values()));
        }
        Set<String> ofProducts = architecture.projections().map(Projection::weightName).collect(Collectors.toSet());
        long bytes = architecture.parameters().entrySet().stream()
                .mapToLong(each -> numbers(each.getValue())
                        * (ofProducts.contains(each.getKey()) ? ofProduct() : Float.BYTES))
                .sum();
        return Part.shared("weights", bytes, List.of(settings.path(), settings.fresh(), settings.dtype()));
    }

    private long roundedCopies() {
        return settings.dtype() == Precision.FLOAT32
                ? 0
                : architecture.projections()
                        .mapToLong(projection -> (long) ofProduct() * projection.in() * projection.out())
                        .sum();
    }

    /** Bytes of so many float32 numbers of matrices, and of their copies in the format of products. */
    private long withRoundedCopies(long numbers) {
        return (Float.BYTES + (settings.dtype() == Precision.FLOAT32 ? 0 : ofProduct())) * numbers;
    }

    /** Trained numbers. */
    private long trained() {
        return adapter.orElseGet(() -> numbers(architecture.parameters().values()));
    }

    /** Numbers whose gradient is there before that of the first layer is taken: those of the head. */
    private long firstGradients() {
        return adapter.isPresent() ? 0 : (long) architecture.vocabularySize() * architecture.hiddenSize();
    }

    /** A gradient of the head's matrix, to be added to the one before. */
    private long ofHeadGradient() {
        return Float.BYTES * firstGradients();
    }

    private long head(PackedRows rows) {
        return (architecture.head().softCap().isPresent() ? PIECES_OF_CAPPED : PIECES) * Float.BYTES
                * Math.min(LanguageHead.PIECE, (long) rows.shape().tokens() * architecture.vocabularySize());
    }

    private long stream(PackedRows rows) {
        return (long) Float.BYTES * rows.tokens() * architecture.hiddenSize();
    }

    private long scoredStream(PackedRows rows) {
        return (long) Float.BYTES * rows.shape().tokens() * architecture.hiddenSize();
    }

    private long largestLayer(PackedRows rows) {
        return architecture.kept(rows).stream().mapToLong(this::bytes).max().orElseThrow();
    }

    private long bytes(Kept kept) {
        return kept.bytes(ofProduct());
    }

    private int ofProduct() {
        return settings.dtype() == Precision.FLOAT32 ? Float.BYTES : Short.BYTES;
    }

    private static long numbers(Iterable<List<Long>> shapes) {
        long numbers = 0;
        for (List<Long> shape : shapes) {
            numbers += shape.stream().reduce(1L, Math::multiplyExact);
        }
        return numbers;
    }

    private static long numbers(List<Long> shape) {
        return numbers(List.<List<Long>>of(shape));
    }
}
