package dpo.train;

import dpo.core.backend.ForwardPass;
import dpo.core.backend.Policy;
import dpo.core.backend.StatisticRequest;
import dpo.core.backend.TokenScores;
import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenStatistic;
import dpo.core.loss.Need;
import dpo.core.loss.PreferenceLoss;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Computes log-probabilities of preferences under policy and reference, and the statistics that the objective needs.
 */
final class Scorer {

    private final Policy policy;
    private final List<Preference> preferences;
    private final ReferenceLogProbs reference;
    private final Optional<MismatchedPrompts> mismatched;
    private final StatisticRequest request;

    /**
     * @param settings objective, and micro-batches of mismatched prompts
     * @param policy the model; each call uses its current parameters
     * @param referenceModel the reference model; required if the objective needs more of it than log-probabilities
     * @param preferences all preferences that may be scored
     * @param references gives the log-probabilities of preferences under the reference, if the objective uses one
     */
    Scorer(
            TrainingSettings settings,
            Policy policy,
            Optional<Policy> referenceModel,
            List<Preference> preferences,
            References references) {
        PreferenceLoss loss = settings.loss();
        References used = loss.usesReference() ? references : some -> ReferenceLogProbs.NONE;
        this.policy = policy;
        this.preferences = preferences;
        this.reference = used.of(preferences);
        this.mismatched = loss.needs().contains(Need.MISMATCHED)
                ? Optional.of(MismatchedPrompts.of(preferences, policy, settings.microBatches(), used))
                : Optional.empty();
        this.request = request(loss.needs(), referenceModel);
    }

    private static StatisticRequest request(Set<Need> needs, Optional<Policy> referenceModel) {
        Set<TokenStatistic> statistics =
                needs.stream().flatMap(need -> need.statistic().stream()).collect(Collectors.toSet());
        return new StatisticRequest(
                statistics, referenceModel.filter(model -> statistics.contains(TokenStatistic.REFERENCE_KL)));
    }

    /**
     * Scores with a forward pass for back-propagation.
     *
     * @param batch the preferences
     * @param pass the policy's forward pass over them
     * @param logProbs the arguments of the objective
     */
    record Scores(PreferenceBatch batch, ForwardPass pass, PreferenceLogProbs logProbs) implements AutoCloseable {

        @Override
        public void close() {
            pass.close();
        }
    }

    /** Scores some preferences; back-propagation is possible until the result is closed. */
    Scores forward(List<Integer> indices) {
        PreferenceBatch batch = batch(indices);
        // First the passes without saved activations, so that their memory does not add to that of the saved
        // activations.
        TokenLogProbs ofReference = reference.of(batch, indices);
        List<Double> ofMismatched = mismatched(indices);
        ForwardPass pass = pass(indices);
        return new Scores(batch, pass, logProbs(batch, pass.logProbs(), ofReference, pass.statistics(), ofMismatched));
    }

    /** The policy's forward pass over some preferences, for a gradient that is already known. */
    ForwardPass pass(List<Integer> indices) {
        return policy.forward(batch(indices).sequences(), request);
    }

    /** Scores some preferences in inference, without dropout and saved activations. */
    PreferenceLogProbs score(List<Integer> indices) {
        PreferenceBatch batch = batch(indices);
        TokenScores scores = policy.scores(batch.sequences(), request);
        return logProbs(
                batch, scores.logProbs(), reference.of(batch, indices), scores.statistics(), mismatched(indices));
    }

    /** Scores some preferences in training, with dropout. */
    PreferenceLogProbs scoreInTraining(List<Integer> indices) {
        try (Scores scores = forward(indices)) {
            return scores.logProbs();
        }
    }

    private List<Double> mismatched(List<Integer> indices) {
        return mismatched.map(prompts -> prompts.logRatios(indices)).orElse(List.of());
    }

    private static PreferenceLogProbs logProbs(
            PreferenceBatch batch,
            TokenLogProbs policy,
            TokenLogProbs reference,
            Map<TokenStatistic, TokenLogProbs> statistics,
            List<Double> mismatched) {
        return new PreferenceLogProbs(policy, reference, Labels.of(batch.labels()), statistics, mismatched);
    }

    /** The preferences at some indices. */
    PreferenceBatch batch(List<Integer> indices) {
        List<Preference> picked = new ArrayList<>(indices.size());
        indices.forEach(index -> picked.add(preferences.get(index)));
        return new PreferenceBatch(picked);
    }
}
