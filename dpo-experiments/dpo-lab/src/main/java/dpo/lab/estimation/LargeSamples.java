package dpo.lab.estimation;

import dpo.core.sequence.Preference;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.tabular.TabularModel;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Settings of the experiments that compare estimates from large data sets of a world with their limits.
 *
 * @param world the controlled world
 * @param pairs n
 * @param dataSets number of data sets
 * @param firstSeed seed of the first data set
 * @param betas values of β
 */
public record LargeSamples(
        @Setting(about = "the controlled world, as the model of the tabular backend", byDefault = "{}")
        TabularModel world,

        @Setting(
                about = "n >= 1,000: number of pairs of a data set; limits are near from 32,768 on",
                byDefault = "32768")
        int pairs,

        @Setting(about = "number of data sets >= 2", byDefault = "20")
        int dataSets,

        @Setting(about = "seed of the first data set; the others have the next ones", byDefault = "1")
        long firstSeed,

        @Setting(about = "β > 0: strengths of the KL constraint", byDefault = "[0.2, 0.5, 1, 2]")
        List<Double> betas) {

    public LargeSamples {
        Requirement.atLeast("pairs", pairs, 1000);
        Requirement.atLeast("data_sets", dataSets, 2);
        betas = DataSets.betas(betas);
    }

    /** The seed of each data set. */
    LongStream seeds() {
        return LongStream.range(firstSeed, firstSeed + dataSets);
    }

    /** The data set with a seed. */
    List<Preference> data(long seed) {
        return EstimatedReward.pairs(world.world(), pairs, seed);
    }
}
