package dpo.torch.memory;

import dpo.core.backend.Workload;
import dpo.core.sequence.TokenSequence;
import dpo.core.setting.Requirement;
import dpo.torch.lora.LoraAdapter;
import dpo.torch.tensor.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A training whose peak memory was measured: a process opens a model from a checkpoint and takes some optimizer steps
 * on pairs of equal lengths.
 *
 * @param model name of the model's shape in the calibration
 * @param dtype dtype of matmuls
 * @param loraRank rank of an adapter of all projections; 0 if all weights are trained
 * @param checkpointing whether layers are recomputed in the backward pass
 * @param pairs pairs of an optimizer step
 * @param microBatch pairs of a forward and backward pass
 * @param prompt tokens of a prompt
 * @param chosen tokens of a chosen completion
 * @param rejected tokens of a rejected completion
 * @param steps optimizer steps
 * @param shortening tokens by which completions of a step are shorter than those of the step before
 * @param peakBytes the largest resident set of the process
 * @param measurement name of the measurement in the calibration
 */
public record MeasuredPeak(
        String model,
        Precision dtype,
        int loraRank,
        boolean checkpointing,
        int pairs,
        int microBatch,
        int prompt,
        int chosen,
        int rejected,
        int steps,
        int shortening,
        long peakBytes,
        String measurement) {

    /** Token ids are below the vocabulary of every model. */
    private static final int IDS = 512;

    public MeasuredPeak {
        Requirement.holds(loraRank >= 0, "lora_rank", "must be at least 0", loraRank);
        Requirement.atLeast("micro_batch", microBatch, 1);
        Requirement.holds(pairs >= microBatch, "pairs", "must be at least micro_batch", pairs);
        Requirement.atLeast("prompt", prompt, 1);
        Requirement.atLeast("steps", steps, 1);
        Requirement.holds(shortening >= 0, "shortening", "must be at least 0", shortening);
        int shortest = Math.min(chosen, rejected) - (steps - 1) * shortening;
        Requirement.holds(shortest >= 1, "chosen and rejected", "must have tokens at each step", shortest);
        Requirement.positive("peak_bytes", (double) peakBytes);
    }

    /** The same training with another peak. */
    public MeasuredPeak with(long peak, String measured) {
        return new MeasuredPeak(
                model,
                dtype,
                loraRank,
                checkpointing,
                pairs,
                microBatch,
                prompt,
                chosen,
                rejected,
                steps,
                shortening,
                peak,
                measured);
    }

    /** The adapter that is trained; empty if all weights are. */
    public Optional<LoraAdapter> adapter() {
        return Optional.of(loraRank).filter(rank -> rank > 0).map(LoraAdapter::ofRank);
    }

    /** The passes of a step (counted from 0), each with the sequences of its pairs. */
    public List<List<TokenSequence>> passes(int step) {
        List<List<TokenSequence>> passes = new ArrayList<>();
        for (int from = 0; from < pairs; from += microBatch) {
            passes.add(pairs(from, Math.min(pairs, from + microBatch), step * shortening));
        }
        return passes;
    }

    /** Pairs that share only their prompts. */
    private List<TokenSequence> pairs(int from, int to, int shorter) {
        return IntStream.range(from, to)
                .boxed()
                .flatMap(pair -> List.of(
                        TokenSequence.of(ids(pair, prompt), ids(200, chosen - shorter)),
                        TokenSequence.of(ids(pair, prompt), ids(201, rejected - shorter)))
                        .stream())
                .toList();
    }

    private static int[] ids(int first, int count) {
        return IntStream.range(0, count).map(i -> (first + i) % IDS).toArray();
    }

    /**
     * The properties on which the estimate depends. Sequences are counted if their lengths differ from step to step.
     */
    Workload workload(String device) {
        long sequences = shortening == 0 ? 0 : 2L * pairs * steps;
        return new Workload(device, sequences, passes(0).subList(0, 1), List.of(), microBatch < pairs, false);
    }
}
