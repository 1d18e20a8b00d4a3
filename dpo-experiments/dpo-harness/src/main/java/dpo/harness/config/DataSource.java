package dpo.harness.config;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.data.source.PreferenceSource;
import java.util.function.Function;

/** Where preferences come from: text that is tokenized, or the controlled world, which samples tokens. */
public sealed interface DataSource {

    /** Applies the function for the kind of this source. */
    <T> T match(Function<Text, T> ofText, Function<World, T> ofWorld);

    /**
     * Preferences of a text data set: pairs, ranked lists or labels.
     *
     * @param source its reader
     */
    record Text(PreferenceSource source) implements DataSource {

        @Override
        public <T> T match(Function<Text, T> ofText, Function<World, T> ofWorld) {
            return ofText.apply(this);
        }
    }

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

        @Override
        public <T> T match(Function<Text, T> ofText, Function<World, T> ofWorld) {
            return ofWorld.apply(this);
        }
    }
}
