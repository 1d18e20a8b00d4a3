package dpo.train;

import dpo.core.backend.ForwardPass;
import dpo.core.backend.Policy;
import dpo.core.backend.StatisticRequest;
import dpo.core.backend.TokenScores;
import dpo.core.logprob.Judgements;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenStatistic;
import dpo.core.loss.Need;
import dpo.core.loss.PreferenceLoss;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.data.batch.MicroBatches;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Log-probabilities of preferences under policy and reference, with whatever else the objective asks for. */
final class Scorer {

    private final Policy policy;
    private final List<Preference> preferences;
    private final ReferenceLogProbs reference;
    private final Optional<MismatchedPrompts> mismatched;
    private final StatisticRequest request;

    /**
     * @param loss the objective
     * @param policy the model as it stands at each call
     * @param referenceModel the reference as it stands at each call; must be there where the objective needs more of it
     *     than its log-probabilities
     * @param preferences all that may be scored
     * @param microBatches how what is scored beside a batch of preferences is cut
     * @param references gives the log-probabilities of preferences under the reference
     */
    Scorer(
            PreferenceLoss loss,
            Policy policy,
            Optional<Policy> referenceModel,
            List<Preference> preferences,
            MicroBatches microBatches,
            References references) {
        this.policy = policy;
        this.preferences = preferences;
        this.reference = references.of(preferences);
        this.mismatched = loss.needs().contains(Need.MISMATCHED)
                ? Optional.of(MismatchedPrompts.of(preferences, policy, microBatches, references))
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
     * Scores that are open for back-propagation.
     *
     * @param batch the preferences
     * @param pass the policy's forward pass over them
     * @param logProbs what the objective sees
     */
    record Scores(PreferenceBatch batch, ForwardPass pass, PreferenceLogProbs logProbs) implements AutoCloseable {

        @Override
        public void close() {
            pass.close();
        }
    }

    /** Scores some preferences, open for back-propagation until closed. */
    Scores forward(List<Integer> indices) {
        PreferenceBatch batch = batch(indices);
        // First what needs no graph, so that its memory and the graph's are not held together.
        TokenLogProbs ofReference = reference.of(batch, indices);
        List<Double> ofMismatched = mismatched(indices);
        ForwardPass pass = pass(indices);
        return new Scores(batch, pass, logProbs(batch, pass.logProbs(), ofReference, pass.statistics(), ofMismatched));
    }

    /** The policy's forward pass over some preferences alone, for a gradient that is known already. */
    ForwardPass pass(List<Integer> indices) {
        return policy.forward(batch(indices).sequences(), request);
    }

    /** Scores some preferences as the policy is used, without keeping what a gradient would need. */
    PreferenceLogProbs score(List<Integer> indices) {
        PreferenceBatch batch = batch(indices);
        TokenScores scores = policy.scores(batch.sequences(), request);
        return logProbs(
                batch, scores.logProbs(), reference.of(batch, indices), scores.statistics(), mismatched(indices));
    }

    /** Scores some preferences as training does, dropout included. */
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
        return new PreferenceLogProbs(
                policy, reference, Judgements.of(batch.judgements()), statistics, mismatched);
    }

    /** The preferences at some indices. */
    PreferenceBatch batch(List<Integer> indices) {
        List<Preference> picked = new ArrayList<>(indices.size());
        indices.forEach(index -> picked.add(preferences.get(index)));
        return new PreferenceBatch(picked);
    }
}
