package dpo.core.backend;

import dpo.core.logprob.TokenStatistic;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The statistics of the next-token distributions that a forward pass computes.
 *
 * @param statistics the statistics; may be empty
 * @param reference π_ref of {@link TokenStatistic#REFERENCE_KL}, a policy of the same backend, device and architecture,
 *     which is not changed or closed before the pass is closed; empty without this statistic
 */
public record StatisticRequest(Set<TokenStatistic> statistics, Optional<Policy> reference) {

    /** No statistics. */
    public static final StatisticRequest NONE = new StatisticRequest(Set.of(), Optional.empty());

    public StatisticRequest {
        statistics = Collections.unmodifiableSet(new TreeSet<>(statistics));
        if (statistics.contains(TokenStatistic.REFERENCE_KL) != reference.isPresent()) {
            throw new IllegalArgumentException("reference must be given for REFERENCE_KL and for nothing else, got "
                    + (reference.isPresent() ? "one" : "none") + " for " + statistics);
        }
    }
}
