package dpo.lab;

import dpo.core.InvalidInputException;
import dpo.lab.bandit.AlignmentLemma;
import dpo.lab.bandit.BetaInvariance;
import dpo.lab.bandit.Convergence;
import dpo.lab.bandit.CyclicPreferences;
import dpo.lab.bandit.IpoWinRate;
import dpo.lab.bandit.LikelihoodDisplacement;
import dpo.lab.bandit.SampleComplexity;
import dpo.lab.bounds.CorrectedLemma;
import dpo.lab.estimation.OverOptimisation;
import dpo.lab.estimation.SeparablePairs;
import dpo.lab.estimation.TabularEfficiency;
import dpo.lab.estimation.TwoStage;
import dpo.lab.frontier.BestOfN;
import dpo.lab.frontier.RegretIdentity;
import dpo.lab.groups.OpposedGroups;
import dpo.lab.labels.DeterministicLabels;
import dpo.lab.labels.LabelNoise;
import dpo.lab.labels.LinkTable;
import dpo.lab.regularization.LengthPenalty;
import dpo.lab.regularization.SftTerm;
import dpo.lab.sampling.Coverage;
import dpo.lab.sampling.RestrictedClass;
import dpo.lab.turns.RandomUser;
import dpo.lab.turns.TurnCredit;
import java.util.List;
import java.util.Optional;

/** The experiments of this library, in the order of the theory page. */
public final class Experiments {

    private static final List<Class<? extends Experiment>> ALL = List.of(
            AlignmentLemma.class,
            CorrectedLemma.class,
            BetaInvariance.class,
            SampleComplexity.class,
            TabularEfficiency.class,
            TwoStage.class,
            SeparablePairs.class,
            OverOptimisation.class,
            Convergence.class,
            DeterministicLabels.class,
            LinkTable.class,
            IpoWinRate.class,
            LikelihoodDisplacement.class,
            LabelNoise.class,
            CyclicPreferences.class,
            RegretIdentity.class,
            Coverage.class,
            RestrictedClass.class,
            SftTerm.class,
            RandomUser.class,
            TurnCredit.class,
            OpposedGroups.class,
            LengthPenalty.class,
            BestOfN.class);

    private Experiments() {}

    /** The record class of every experiment; each is annotated with {@link Claim}. */
    public static List<Class<? extends Experiment>> all() {
        return ALL;
    }

    /**
     * An experiment by its name, or by the name of a class on the class path.
     *
     * @throws InvalidInputException if there is none
     */
    public static Class<? extends Experiment> named(String name) {
        Optional<Class<? extends Experiment>> known = ALL.stream()
                .filter(each -> Experiment.claim(each).name().equals(name))
                .findFirst();
        return known.orElseGet(() -> ofClass(name));
    }

    private static Class<? extends Experiment> ofClass(String name) {
        List<String> names =
                ALL.stream().map(each -> Experiment.claim(each).name()).toList();
        try {
            Class<?> found = Class.forName(name);
            if (Experiment.class.isAssignableFrom(found)
                    && found.isRecord()
                    && found.isAnnotationPresent(Claim.class)) {
                return found.asSubclass(Experiment.class);
            }
        } catch (ClassNotFoundException | LinkageError e) {
            throw refusal(name, names);
        }
        throw refusal(name, names);
    }

    private static InvalidInputException refusal(String name, List<String> names) {
        return new InvalidInputException("experiment must be one of " + String.join(", ", names)
                + ", or a record class that implements " + Experiment.class.getName() + " and is annotated with "
                + Claim.class.getSimpleName() + ", got " + name);
    }
}
