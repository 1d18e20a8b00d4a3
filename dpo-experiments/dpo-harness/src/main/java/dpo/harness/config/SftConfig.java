package dpo.harness.config;

import dpo.core.loss.referencefree.SftLoss;
import dpo.core.setting.Setting;
import dpo.data.source.CompletionSource;
import java.util.Optional;

/**
 * The supervised term {@code w · L_SFT}.
 *
 * @param weight a number, or the β of the preference objective
 * @param reduction how the negative log-likelihood is averaged
 * @param data the data set D_SFT; absent: the chosen side of the pairs
 */
public record SftConfig(
        @Setting(about = "a number >= 0, or beta for L_pref + β·L_SFT")
        SftWeight weight,

        @Setting(about = "sum, token_mean or pair_mean", byDefault = "sum")
        SftLoss.Average reduction,

        @Setting(about = "D_SFT; absent: the chosen completions")
        Optional<CompletionSource> data) {

    /** The unweighted term. */
    public SftLoss loss() {
        return new SftLoss(reduction);
    }
}
