package dpo.lab.estimation;

import dpo.core.sequence.Preference;
import dpo.core.setting.Requirement;
import dpo.core.world.ControlledWorld;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Independent data sets of one world, drawn one after the other when they are asked for.
 *
 * @param world the world
 * @param pairs number of pairs of each
 * @param number how many
 * @param firstSeed seed of the first; the others have the next ones
 */
record DataSets(ControlledWorld world, int pairs, int number, long firstSeed) {

    Stream<List<Preference>> stream() {
        return LongStream.range(firstSeed, firstSeed + number)
                .mapToObj(seed -> EstimatedReward.pairs(world, pairs, seed));
    }

    /** The setting {@code betas}, after checking that there is one and all are positive. */
    static List<Double> betas(List<Double> betas) {
        Requirement.holds(!betas.isEmpty(), "betas", "must hold at least one number", betas);
        betas.forEach(beta -> Requirement.positive("betas", beta));
        return List.copyOf(betas);
    }
}
