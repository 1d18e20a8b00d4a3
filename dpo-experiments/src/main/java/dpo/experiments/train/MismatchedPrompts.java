package dpo.experiments.train;

import dpo.core.backend.Policy;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.Judgement;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import dpo.data.batch.MicroBatches;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The prompt of each preference followed by the best completion of the preference before it (of the first, by that of
 * the last): completions that have nothing to do with their prompt, by which KTO estimates KL(πθ ‖ π_ref)
 * (arXiv:2402.01306, sec. 4.1). Fixed by the order of the data, as in TRL.
 */
final class MismatchedPrompts {

    private final Policy policy;
    private final List<Preference> mismatched;
    private final int[] tokens;
    private final MicroBatches microBatches;
    private final ReferenceLogProbs reference;

    private MismatchedPrompts(
            Policy policy, List<Preference> mismatched, MicroBatches microBatches, ReferenceLogProbs reference) {
        this.policy = policy;
        this.mismatched = mismatched;
        this.tokens = TrainingData.tokens(mismatched);
        this.microBatches = microBatches;
        this.reference = reference;
    }

    static MismatchedPrompts of(
            List<Preference> preferences,
            Policy policy,
            MicroBatches microBatches,
            Function<List<Preference>, ReferenceLogProbs> references) {
        List<Preference> mismatched = new ArrayList<>();
        for (int i = 0; i < preferences.size(); i++) {
            Preference other = preferences.get((i + preferences.size() - 1) % preferences.size());
            TokenSequence sequence =
                    other.first().afterPromptOf(preferences.get(i).first(), policy.maxLength());
            mismatched.add(new Preference(
                    preferences.get(i).id() + "/mismatched", List.of(sequence), Judgement.labelled(false)));
        }
        return new MismatchedPrompts(policy, mismatched, microBatches, references.apply(mismatched));
    }

    /**
     * {@code log πθ − log π_ref} of some of them, nats; a number without a gradient. Their lengths are not those of the
     * preferences, so they are cut into micro-batches of their own.
     */
    List<Double> logRatios(List<Integer> indices) {
        Map<Integer, Double> logRatios = new HashMap<>();
        for (List<Integer> part : microBatches.cut(indices, tokens)) {
            PreferenceBatch batch =
                    new PreferenceBatch(part.stream().map(mismatched::get).toList());
            TokenLogProbs of = policy.logProbs(batch.sequences());
            TokenLogProbs ofReference = reference.of(batch, part);
            for (int row = 0; row < part.size(); row++) {
                logRatios.put(part.get(row), of.logRatio(ofReference, row));
            }
        }
        return indices.stream().map(logRatios::get).toList();
    }
}
