package dpo.core.backend;

import dpo.core.logprob.TokenStatistic;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which further numbers of the next-token distributions a forward pass shall compute.
 *
 * @param statistics which ones; may be none
 * @param reference π_ref of {@link TokenStatistic#REFERENCE_KL}, a policy of the same engine, device and architecture,
 *     which is neither changed nor closed before the pass is; empty where that is not asked
 *     for
 */
public record StatisticRequest(Set<TokenStatistic> statistics, Optional<Policy> reference) {

    /** Log-probabilities alone. */
    public static final StatisticRequest NONE = new StatisticRequest(Set.of(), Optional.empty());

    public StatisticRequest {
        statistics = Collections.unmodifiableSet(new TreeSet<>(statistics));
        if (statistics.contains(TokenStatistic.REFERENCE_KL) != reference.isPresent()) {
            throw new IllegalArgumentException("reference must be given for REFERENCE_KL and for nothing else, got "
                    + (reference.isPresent() ? "one" : "none") + " for " + statistics);
        }
    }
}
