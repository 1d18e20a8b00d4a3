package dpo.core.sampling;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * How tokens are drawn: from {@code softmax(z / T)}, cut to its nucleus (Holtzman et al. 2020, arXiv:1904.09751), the
 * fewest tokens, the most probable first, that hold a share of at least {@code top_p}. The temperature is applied first,
 * as in transformers; there is no cut to the k most probable ones.
 *
 * @param maxNewTokens most tokens of a continuation, the end token included
 * @param temperature T; 0 takes the most probable token, of equal ones that of the least id
 * @param topP share in (0, 1]; 1 cuts nothing
 */
public record Sampling(
        @Setting(about = "most tokens of a completion, >= 1", byDefault = "64") int maxNewTokens,
        @Setting(about = "T >= 0 of softmax(z / T); 0 takes the most probable token", byDefault = "1.0")
                double temperature,
        @Setting(about = "in (0, 1]: draw among the fewest tokens that hold this share of the probability",
                byDefault = "1.0") double topP) {

    public Sampling {
        Requirement.atLeast("max_new_tokens", maxNewTokens, 1);
        Requirement.notNegative("temperature", temperature);
        Requirement.positive("top_p", topP);
        Requirement.between("top_p", topP, 0, 1);
    }

    /** The most probable token each time. */
    public static Sampling greedy(int maxNewTokens) {
        return new Sampling(maxNewTokens, 0, 1);
    }

    /** Draws from the policy itself: T = 1, nothing cut. */
    public static Sampling plain(int maxNewTokens) {
        return new Sampling(maxNewTokens, 1, 1);
    }
}
