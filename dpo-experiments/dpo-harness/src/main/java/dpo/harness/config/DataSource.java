package dpo.harness.config;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.data.source.PreferenceSource;

/** Where preferences come from: text that is tokenised, or the controlled world, which samples tokens. */
public sealed interface DataSource {

    /**
     * Preferences of a text data set: pairs, ranked lists or labels.
     *
     * @param source its reader
     */
    record Text(PreferenceSource source) implements DataSource {}

    /**
     * Pairs sampled from the reference of the controlled world and labelled by Bradley–Terry on its true reward, with
     * the run's seed.
     *
     * @param pairs number of pairs
     */
    record World(@Setting(about = "number of sampled pairs") int pairs) implements DataSource {

        private static final int MOST_PAIRS = 10_000_000;

        public World {
            Requirement.atLeast("pairs", pairs, 1);
            Requirement.holds(pairs <= MOST_PAIRS, "pairs", "must be at most " + MOST_PAIRS, pairs);
        }
    }
}
