package dpo.bench;

import dpo.core.sequence.TokenSequence;
import dpo.torch.TorchModel;
import dpo.torch.checkpoint.Checkpoint;
import dpo.torch.family.ConfigJson;
import dpo.torch.family.Families;
import dpo.torch.layout.PackedRows;
import dpo.torch.lora.Adapter;
import dpo.torch.memory.TrainingMemory;
import dpo.torch.nn.Architecture;
import dpo.torch.training.PhaseEvent;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The floating-point operations of a model's matmuls with weights: two for each number of a matrix and each row that is
 * multiplied by it. Attention, norms and softmax are not counted.
 *
 * @param body numbers in the matrices of all projections
 * @param adapter numbers in the matrices of the adapter; 0 if the model itself is trained
 * @param head numbers in the matrix of the head
 * @param checkpointing whether layers are recomputed in the backward pass
 */
record MatMulWork(double body, double adapter, double head, boolean checkpointing) {

    /**
     * Operations of a pass, forward and backward.
     *
     * @param packed number of tokens in the body
     * @param scored number of tokens with log-probabilities
     * @param byPhase operations by phase
     */
    record OfPass(double packed, double scored, Map<String, Double> byPhase) {

        /** Operations in all phases. */
        double total() {
            return byPhase.values().stream().mapToDouble(Double::doubleValue).sum();
        }

        /** The sum of two passes. */
        OfPass plus(OfPass other) {
            Map<String, Double> sum = new LinkedHashMap<>(byPhase);
            other.byPhase.forEach((phase, work) -> sum.merge(phase, work, Double::sum));
            return new OfPass(packed + other.packed, scored + other.scored, sum);
        }
    }

    /** The work of a checkpoint's model. */
    static MatMulWork of(TorchModel model) {
        Path folder = model.path().orElseThrow(() -> new IllegalArgumentException("model must have a path, got none"));
        Architecture architecture = Families.read(ConfigJson.read(Checkpoint.config(folder)));
        return new MatMulWork(
                architecture
                        .projections()
                        .mapToDouble(each -> (double) each.in() * each.out())
                        .sum(),
                model.adapter()
                        .map(settings -> (double) TrainingMemory.numbers(
                                Adapter.shapes(settings, architecture).values()))
                        .orElse(0.0),
                (double) architecture.vocabularySize() * architecture.hiddenSize(),
                model.gradientCheckpointing());
    }

    /**
     * Operations of one pass over some sequences.
     *
     * <p>A trained matrix needs one matmul forward and two backward, a frozen one needs one backward. A trained head
     * computes its logits twice; both matmuls of a frozen head belong to the forward pass.
     */
    OfPass of(List<TokenSequence> sequences) {
        PackedRows rows = new PackedRows(sequences);
        double packed = rows.ids().length;
        double scored = rows.scoredIds().length;
        boolean frozen = adapter > 0;
        double forward = 2 * packed * (body + adapter);
        double backward = 2 * packed * (frozen ? body + 2 * adapter : 2 * body) + (checkpointing ? forward : 0);
        double matMul = 2 * scored * head;
        return new OfPass(
                packed,
                scored,
                Map.of(
                        PhaseEvent.BODY_FORWARD,
                        forward,
                        PhaseEvent.HEAD_FORWARD,
                        frozen ? 2 * matMul : matMul,
                        PhaseEvent.HEAD_BACKWARD,
                        frozen ? 0 : 3 * matMul,
                        PhaseEvent.BODY_BACKWARD,
                        backward));
    }
}
