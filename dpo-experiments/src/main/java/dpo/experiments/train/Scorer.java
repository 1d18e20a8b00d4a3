package dpo.experiments.train;

import dpo.core.backend.ForwardPass;
import dpo.core.backend.Policy;
import dpo.core.backend.StatisticRequest;
import dpo.core.logprob.Judgements;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenStatistic;
import dpo.core.loss.Need;
import dpo.core.loss.PreferenceLoss;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

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
     * @param references gives the log-probabilities of preferences under the reference
     */
    Scorer(
            PreferenceLoss loss,
            Policy policy,
            Optional<Policy> referenceModel,
            List<Preference> preferences,
            Function<List<Preference>, ReferenceLogProbs> references) {
        this.policy = policy;
        this.preferences = preferences;
        this.reference = references.apply(preferences);
        this.mismatched = loss.needs().contains(Need.MISMATCHED)
                ? Optional.of(MismatchedPrompts.of(preferences, policy, references))
                : Optional.empty();
        this.request = request(loss.needs(), referenceModel);
    }

    private static StatisticRequest request(Set<Need> needs, Optional<Policy> referenceModel) {
        Set<TokenStatistic> statistics = EnumSet.noneOf(TokenStatistic.class);
        if (needs.contains(Need.LOG_SUM_SQUARED_PROBS)) {
            statistics.add(TokenStatistic.LOG_SUM_SQUARED_PROBS);
        }
        if (needs.contains(Need.REFERENCE_KL)) {
            statistics.add(TokenStatistic.REFERENCE_KL);
        }
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
        ForwardPass pass = policy.forward(batch.sequences(), request);
        return new Scores(batch, pass, new PreferenceLogProbs(
                pass.logProbs(),
                reference.of(batch, indices),
                Judgements.of(batch.judgements()),
                pass.statistics(),
                mismatched.map(prompts -> prompts.logRatios(indices)).orElse(List.of())));
    }

    /** Scores some preferences without keeping what a gradient would need. */
    PreferenceLogProbs score(List<Integer> indices) {
        if (!request.statistics().isEmpty()) {
            try (Scores scores = forward(indices)) {
                return scores.logProbs();
            }
        }
        PreferenceBatch batch = batch(indices);
        TokenLogProbs logProbs = policy.logProbs(batch.sequences());
        return new PreferenceLogProbs(
                logProbs,
                reference.of(batch, indices),
                Judgements.of(batch.judgements()),
                Map.of(),
                mismatched.map(prompts -> prompts.logRatios(indices)).orElse(List.of()));
    }

    /** The preferences at some indices. */
    PreferenceBatch batch(List<Integer> indices) {
        List<Preference> picked = new ArrayList<>(indices.size());
        indices.forEach(index -> picked.add(preferences.get(index)));
        return new PreferenceBatch(picked);
    }
}
