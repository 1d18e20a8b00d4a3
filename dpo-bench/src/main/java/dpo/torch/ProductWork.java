package dpo.torch;

import dpo.core.random.RandomStreams;
import dpo.core.sequence.TokenSequence;
import dpo.torch.block.Architecture;
import dpo.torch.block.PackedRows;
import dpo.torch.checkpoint.Checkpoint;
import dpo.torch.family.ConfigJson;
import dpo.torch.family.Families;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The floating-point operations of a model's products with weights: two for each number of a matrix and each row that
 * is multiplied by it. Attention, norms and softmax are not counted.
 *
 * @param body numbers in the matrices of all projections
 * @param adapter numbers in the matrices beside them; 0 where the model itself is trained
 * @param head numbers in the matrix of the head
 * @param checkpointing whether layers are computed anew for the gradient
 */
public record ProductWork(double body, double adapter, double head, boolean checkpointing) {

    /**
     * Operations of a pass, forward and backward.
     *
     * @param packed tokens that go through the body
     * @param scored tokens whose log-probabilities are taken
     * @param byPhase operations in each phase that has any
     */
    public record OfPass(double packed, double scored, Map<String, Double> byPhase) {

        /** Operations in all phases. */
        public double total() {
            return byPhase.values().stream().mapToDouble(Double::doubleValue).sum();
        }

        /** Two passes. */
        public OfPass plus(OfPass other) {
            Map<String, Double> sum = new LinkedHashMap<>(byPhase);
            other.byPhase.forEach((phase, work) -> sum.merge(phase, work, Double::sum));
            return new OfPass(packed + other.packed, scored + other.scored, sum);
        }
    }

    /** The work of a checkpoint's model. */
    public static ProductWork of(TorchModel model) {
        Path folder = model.path().orElseThrow(() -> new IllegalArgumentException("model must have a path, got none"));
        Architecture architecture = Families.read(
                ConfigJson.read(Checkpoint.config(folder)));
        return new ProductWork(
                architecture.projections().mapToDouble(each -> (double) each.in() * each.out()).sum(),
                model.adapter().map(settings -> adapter(settings, architecture)).orElse(0.0),
                (double) architecture.vocabularySize() * architecture.hiddenSize(),
                model.gradientCheckpointing());
    }

    private static double adapter(LoraAdapter settings, Architecture architecture) {
        try (Adapter opened = Adapter.open(
                settings, architecture, new RandomStreams(0).stream("adapter"), new TorchDevice("cpu"))) {
            return opened.tensors().shapes().values().stream()
                    .mapToDouble(shape -> shape.stream().mapToDouble(Long::doubleValue).reduce(1, (a, b) -> a * b))
                    .sum();
        }
    }

    /**
     * Operations of one pass over some sequences.
     *
     * <p>A trained matrix takes one product forward and two backward, a frozen one takes one backward. The head
     * computes its logits twice where it is trained; where it is frozen, both of its products belong to the forward
     * pass.
     */
    public OfPass of(List<TokenSequence> sequences) {
        PackedRows rows = new PackedRows(sequences);
        double packed = rows.ids().length;
        double scored = rows.scoredIds().length;
        boolean frozen = adapter > 0;
        double forward = 2 * packed * (body + adapter);
        double backward = 2 * packed * (frozen ? body + 2 * adapter : 2 * body) + (checkpointing ? forward : 0);
        double product = 2 * scored * head;
        return new OfPass(packed, scored, Map.of(
                PhaseEvent.BODY_FORWARD, forward,
                PhaseEvent.HEAD_FORWARD, frozen ? 2 * product : product,
                PhaseEvent.HEAD_BACKWARD, frozen ? 0 : 3 * product,
                PhaseEvent.BODY_BACKWARD, backward));
    }
}
