package dpo.core.sampling;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * Sampling settings. Tokens are drawn from the nucleus of {@code softmax(z / T)} (Holtzman et al. 2020,
 * arXiv:1904.09751): the smallest set of most probable tokens with a total probability of at least {@code top_p}. The
 * temperature is applied first, as in transformers. Top-k sampling is not supported.
 *
 * @param maxNewTokens largest number of tokens of a completion, the end token included
 * @param temperature T; 0 takes the most probable token, and the smallest id among equal ones
 * @param topP share in (0, 1]; 1 for all tokens
 */
public record Sampling(
        @Setting(about = "maximum number of tokens of a completion, >= 1", byDefault = "64")
        int maxNewTokens,

        @Setting(about = "T >= 0 of softmax(z / T); 0 takes the most probable token", byDefault = "1.0")
        double temperature,

        @Setting(
                about = "in (0, 1]: sample from the smallest set of tokens with at least this total probability",
                byDefault = "1.0")
        double topP) {

    public Sampling {
        Requirement.atLeast("max_new_tokens", maxNewTokens, 1);
        Requirement.notNegative("temperature", temperature);
        Requirement.positive("top_p", topP);
        Requirement.between("top_p", topP, 0, 1);
    }

    /** Greedy decoding: always the most probable token. */
    public static Sampling greedy(int maxNewTokens) {
        return new Sampling(maxNewTokens, 0, 1);
    }

    /** Sampling from the policy's own distribution: T = 1, all tokens. */
    public static Sampling plain(int maxNewTokens) {
        return new Sampling(maxNewTokens, 1, 1);
    }
}
