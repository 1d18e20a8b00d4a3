package dpo.experiments.train;

import dpo.core.backend.Policy;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.Judgement;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The prompt of each preference followed by the best completion of the preference before it (of the first, by that of
 * the last): completions that have nothing to do with their prompt, by which KTO estimates KL(πθ ‖ π_ref)
 * (arXiv:2402.01306, sec. 4.1). Fixed by the order of the data, as in TRL.
 */
final class MismatchedPrompts {

    private final Policy policy;
    private final List<Preference> mismatched;
    private final ReferenceLogProbs reference;

    private MismatchedPrompts(Policy policy, List<Preference> mismatched, ReferenceLogProbs reference) {
        this.policy = policy;
        this.mismatched = mismatched;
        this.reference = reference;
    }

    static MismatchedPrompts of(
            List<Preference> preferences, Policy policy, Function<List<Preference>, ReferenceLogProbs> references) {
        List<Preference> mismatched = new ArrayList<>();
        for (int i = 0; i < preferences.size(); i++) {
            Preference other = preferences.get((i + preferences.size() - 1) % preferences.size());
            TokenSequence sequence =
                    other.first().afterPromptOf(preferences.get(i).first(), policy.maxLength());
            mismatched.add(new Preference(
                    preferences.get(i).id() + "/mismatched", List.of(sequence), Judgement.labelled(false)));
        }
        return new MismatchedPrompts(policy, mismatched, references.apply(mismatched));
    }

    /** {@code log πθ − log π_ref} of some of them, nats; a number without a gradient. */
    List<Double> logRatios(List<Integer> indices) {
        PreferenceBatch batch =
                new PreferenceBatch(indices.stream().map(mismatched::get).toList());
        TokenLogProbs of = policy.logProbs(batch.sequences());
        TokenLogProbs ofReference = reference.of(batch, indices);
        return IntStream.range(0, indices.size())
                .mapToObj(row -> of.logRatio(ofReference, row))
                .toList();
    }
}
