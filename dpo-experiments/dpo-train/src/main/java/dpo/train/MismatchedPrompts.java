package dpo.train;

import dpo.core.backend.Policy;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.Label;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import dpo.data.batch.MicroBatches;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The prompt of each preference followed by the completions of another preference, for KTO's estimate of KL(πθ ‖ π_ref)
 * (arXiv:2402.01306). The other preference is the nearest previous one in the data with a different prompt, cyclically.
 * Each completion of a preference is replaced by one of the other: in pairs chosen by chosen and rejected by rejected,
 * as in TRL's rotation by one.
 */
public final class MismatchedPrompts {

    private final Policy policy;
    private final List<Preference> mismatched;
    private final int[] tokens;
    private final MicroBatches microBatches;
    private final ReferenceLogProbs reference;

    private MismatchedPrompts(
            Policy policy, List<Preference> mismatched, MicroBatches microBatches, ReferenceLogProbs reference) {
        this.policy = policy;
        this.mismatched = mismatched;
        this.tokens = Preference.distinctTokens(mismatched);
        this.microBatches = microBatches;
        this.reference = reference;
    }

    static MismatchedPrompts of(
            List<Preference> preferences, Policy policy, MicroBatches microBatches, References references) {
        List<Preference> mismatched = mismatched(preferences, policy.maxLength());
        return new MismatchedPrompts(policy, mismatched, microBatches, references.of(mismatched));
    }

    /** The prompt of each preference with the completions of another one. */
    public static List<Preference> mismatched(List<Preference> preferences, int maxLength) {
        int[] others = others(preferences);
        return IntStream.range(0, others.length)
                .mapToObj(i -> mismatched(preferences.get(i), preferences.get(others[i]), maxLength))
                .toList();
    }

    private static Preference mismatched(Preference preference, Preference other, int maxLength) {
        int count = preference.completions().size();
        List<TokenSequence> sequences = IntStream.range(0, count)
                .map(k -> Math.min(k, other.completions().size() - 1))
                .mapToObj(k -> other.completions().get(k).afterPromptOf(preference.first(), maxLength))
                .toList();
        return new Preference(
                preference.id() + "/mismatched", sequences, count == 1 ? Label.desirable(false) : Label.ordered(count));
    }

    /**
     * For each preference, the index of the preference that provides the completions.
     *
     * @throws IllegalArgumentException if all prompts are equal
     */
    public static int[] others(List<Preference> preferences) {
        int count = preferences.size();
        int begin = IntStream.range(0, count)
                .filter(i -> !samePrompt(preferences.get(i), preferences.get(Math.floorMod(i - 1, count))))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "prompts must be at least two different ones for completions of another prompt, got one"));
        int[] others = new int[count];
        for (int i = begin; i < begin + count; i++) {
            int before = Math.floorMod(i - 1, count);
            boolean isSame = samePrompt(preferences.get(i % count), preferences.get(before));
            others[i % count] = isSame ? others[before] : before;
        }
        return others;
    }

    private static boolean samePrompt(Preference one, Preference another) {
        return one.first().hasPromptOf(another.first());
    }

    /**
     * {@code log πθ − log π_ref} of the mismatched completions of some preferences, in order, nats, without a gradient.
     * Their lengths differ from those of the preferences, so they have their own micro-batches.
     */
    List<Double> logRatios(List<Integer> indices) {
        Map<Integer, List<Double>> logRatios = new TreeMap<>();
        for (List<Integer> part : microBatches.cut(indices, tokens)) {
            PreferenceBatch batch =
                    new PreferenceBatch(part.stream().map(mismatched::get).toList());
            TokenLogProbs of = policy.logProbs(batch.sequences());
            TokenLogProbs ofReference = reference.of(batch, part);
            int row = 0;
            for (int index : part) {
                int end = row + mismatched.get(index).completions().size();
                logRatios.put(
                        index,
                        IntStream.range(row, end)
                                .mapToObj(each -> of.logRatio(ofReference, each))
                                .toList());
                row = end;
            }
        }
        return indices.stream().map(logRatios::get).flatMap(List::stream).toList();
    }
}
