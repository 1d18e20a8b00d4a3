package dpo.experiments.config;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.data.source.PreferenceSource;

/** Where preference pairs come from: text that is tokenised, or the controlled world, which speaks in tokens. */
public sealed interface PairSource {

    /**
     * Pairs of a text data set.
     *
     * @param source its reader
     */
    record Text(PreferenceSource source) implements PairSource {}

    /**
     * Pairs sampled from the reference of the controlled world and labelled by Bradley–Terry on its true reward, with the
     * run's seed.
     *
     * @param pairs number of pairs
     */
    record World(@Setting(about = "number of sampled pairs") int pairs) implements PairSource {

        public World {
            Requirement.atLeast("pairs", pairs, 1);
        }
    }
}
