package dpo.train.online;

import dpo.core.InvalidInputException;
import dpo.core.backend.Policy;
import dpo.core.backend.RewardFunction;
import java.util.Optional;

/**
 * The reward that a policy maximises.
 *
 * @param reward r
 * @param isModel whether its tokens pass through a model
 * @param truth the true reward, if it is known and another one is maximised
 */
record ScoredReward(RewardFunction reward, boolean isModel, Optional<RewardFunction> truth) {

    /** The true reward of a controlled world. */
    static ScoredReward known(Policy policy) {
        RewardFunction reward = policy.trueReward()
                .orElseThrow(() -> new InvalidInputException(
                        "method.reward must be learned for a model whose true reward is unknown, got true"));
        return new ScoredReward(reward, false, Optional.empty());
    }

    /** A learned reward. */
    static ScoredReward learned(Policy policy, RewardFunction reward) {
        return new ScoredReward(reward, true, policy.trueReward());
    }
}
