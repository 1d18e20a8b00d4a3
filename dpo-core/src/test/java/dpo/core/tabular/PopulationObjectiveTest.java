package dpo.core.tabular;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.backend.AdamW;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.Normalizer;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.numeric.LogSpace;
import dpo.core.sequence.Label;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import dpo.core.world.ControlledWorld;
import dpo.core.world.MarkovPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The theorem of arXiv:2305.18290, section 4: the population DPO objective has its minimum at π* ∝ π_ref exp(r/β). */
class PopulationObjectiveTest {

    private static final TabularModel TINY = new TabularModel(3, 2, 2, 5, 1.2, 1.5);
    private static final double BETA = 0.4;

    @TempDir
    Path folder;

    private final ControlledWorld world = TINY.world();
    private final PreferenceBatch population = population();

    @Test
    void the_gradient_of_the_population_objective_vanishes_at_the_optimum_of_its_beta_and_there_only() {
        assertThat(gradientNormAt(world.optimum(BETA))).isLessThan(1e-14);
        assertThat(gradientNormAt(world.reference())).isGreaterThan(1e-4);
        assertThat(gradientNormAt(world.optimum(2 * BETA))).isGreaterThan(1e-4);
        assertThat(gradientNormAt(world.optimum(0.5 * BETA))).isGreaterThan(1e-4);
    }

    private double gradientNormAt(MarkovPolicy point) {
        TabularPolicy policy = new TabularPolicy(TINY);
        TokenLogProbs reference = policy.logProbs(population.sequences());
        double[] logits = new double[world.shape().entries()];
        Arrays.setAll(logits, point::logProb);
        TableFile.write(folder.resolve("tabular-weights.bin"), TINY.toString(), logits);
        policy.restore(folder);
        try (Optimizer optimizer = policy.optimizer(new AdamW(0, List.of(0.0, 0.0), 1, 0, 1));
                ForwardPass pass = policy.forward(population.sequences())) {
            PreferenceLogProbs logProbs =
                    new PreferenceLogProbs(pass.logProbs(), reference, Labels.of(population.labels()));
            pass.backward(new SigmoidLoss(BETA, 0)
                    .evaluate(logProbs, Normalizer.of(logProbs))
                    .gradient());
            return optimizer.step(0);
        }
    }

    /** Every ordered pair of different completions, with the probability of this pair and label. */
    private PreferenceBatch population() {
        List<int[]> completions = new ArrayList<>(List.of(new int[] {0}));
        for (int first = 1; first < 3; first++) {
            for (int second = 0; second < 3; second++) {
                completions.add(new int[] {first, second});
            }
        }
        List<Preference> pairs = new ArrayList<>();
        for (int prompt = 0; prompt < TINY.prompts(); prompt++) {
            for (int[] chosen : completions) {
                for (int[] rejected : completions) {
                    if (chosen != rejected) {
                        pairs.add(pair(prompt, chosen, rejected));
                    }
                }
            }
        }
        return new PreferenceBatch(pairs);
    }

    private Preference pair(int prompt, int[] chosen, int[] rejected) {
        int[] context = {world.shape().promptToken(prompt)};
        TokenSequence preferred = TokenSequence.of(context, chosen);
        TokenSequence other = TokenSequence.of(context, rejected);
        TokenLogProbs logProbs = new TabularPolicy(TINY).logProbs(List.of(preferred, other));
        double probability = Math.exp(logProbs.sum(0) + logProbs.sum(1))
                * LogSpace.sigmoid(world.reward(prompt, chosen) - world.reward(prompt, rejected));
        return new Preference(
                "pair", List.of(preferred, other), Label.ordered(2).withWeight(probability));
    }
}
