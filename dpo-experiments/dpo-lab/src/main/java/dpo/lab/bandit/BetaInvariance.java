package dpo.lab.bandit;

import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.theory.AnswerPair;
import dpo.core.theory.Bandit;
import dpo.core.theory.BradleyTerry;
import dpo.core.theory.Newton;
import dpo.core.theory.PopulationLoss;
import dpo.core.theory.SparseRows;
import dpo.lab.Claim;
import dpo.lab.Experiment;
import dpo.lab.Outcome;
import dpo.lab.Quantity;
import dpo.lab.Verdict;
import dpo.report.figure.Plot;
import dpo.report.figure.Plot.PlotAxis;
import dpo.report.figure.Plot.PlotScale;
import dpo.report.figure.Plot.PlotSeries;
import dpo.report.figure.Plot.PlotStyle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Finitely many judged pairs, and every policy over K answers allowed. DPO's loss depends on the policy through the
 * rewards {@code β log(π/π_ref)} only, and these range over all rewards. So its minimum is that of the negative log
 * likelihood of the Bradley–Terry model, the same for every β, and the policy is {@code π_ref exp(r̂/β)/Z}: the optimum
 * of RLHF with the reward model r̂ of maximum likelihood.
 *
 * @param reference π_ref
 * @param first one answer of each pair, counted from 0
 * @param second the other answer of each pair
 * @param firstWins how often the first answer was chosen
 * @param judged how often the pair was judged
 * @param betas the values of β that are compared
 */
@Claim(
        name = "beta-invariance",
        claim = "DPO needs no reward model: its policy is the RLHF optimum of the reward model of the same pairs",
        source = "arXiv:2305.18290, section 4 and theorem 1, for all policies over K answers",
        verdict = Verdict.HOLDS)
public record BetaInvariance(
        @Setting(about = "π_ref: positive numbers, divided by their sum", byDefault = "[0.7, 0.2, 0.1]")
        List<Double> reference,

        @Setting(about = "one answer of each pair, counted from 0", byDefault = "[0, 0, 1]")
        List<Integer> first,

        @Setting(about = "the other answer of each pair", byDefault = "[1, 2, 2]")
        List<Integer> second,

        @Setting(about = "how often the first answer of each pair was chosen", byDefault = "[13, 6, 11]")
        List<Integer> firstWins,

        @Setting(about = "how often each pair was judged", byDefault = "[40, 40, 40]")
        List<Integer> judged,

        @Setting(about = "β > 0: the values that are compared", byDefault = "[0.5, 1, 2]")
        List<Double> betas)
        implements Experiment {

    private static final double TOLERANCE = 1e-8;
    private static final int MOST_JUDGED = 1_000_000;

    public BetaInvariance {
        reference = List.copyOf(reference);
        first = List.copyOf(first);
        second = List.copyOf(second);
        firstWins = List.copyOf(firstWins);
        judged = List.copyOf(judged);
        betas = Betas.required(betas);
        Bandit.probabilities("reference", reference);
        requirePairs(reference.size(), first, second, firstWins, judged);
        Requirement.holds(
                isConnected(reference.size(), pairs(first, second, firstWins, judged)),
                "first_wins",
                "must lead by wins from every answer to every other, or no reward is the most likely",
                firstWins,
                "reference",
                "first",
                "second",
                "judged");
    }

    private static void requirePairs(
            int answers, List<Integer> first, List<Integer> second, List<Integer> wins, List<Integer> judged) {
        String perPair = "must hold one number per pair of first (" + first.size() + ")";
        Requirement.holds(second.size() == first.size(), "second", perPair, second, "first");
        Requirement.holds(wins.size() == first.size(), "first_wins", perPair, wins, "first");
        Requirement.holds(judged.size() == first.size(), "judged", perPair, judged, "first");
        long all = judged.stream().mapToLong(Integer::longValue).sum();
        Requirement.holds(all <= MOST_JUDGED, "judged", "must be at most " + MOST_JUDGED + " in all", all);
        for (int j = 0; j < first.size(); j++) {
            requireAnswer("first", first.get(j), answers);
            requireAnswer("second", second.get(j), answers);
            Requirement.holds(
                    !first.get(j).equals(second.get(j)), "second", "must differ from first", second.get(j), "first");
            Requirement.holds(
                    wins.get(j) >= 0 && wins.get(j) <= judged.get(j),
                    "first_wins",
                    "must be from 0 to judged (" + judged.get(j) + ")",
                    wins.get(j),
                    "judged");
        }
    }

    private static void requireAnswer(String name, int answer, int answers) {
        Requirement.holds(
                answer >= 0 && answer < answers,
                name,
                "must be an answer of the reference, from 0 to " + (answers - 1),
                answer,
                "reference");
    }

    private static List<AnswerPair> pairs(
            List<Integer> first, List<Integer> second, List<Integer> wins, List<Integer> judged) {
        List<AnswerPair> pairs = new ArrayList<>();
        for (int j = 0; j < first.size(); j++) {
            pairs.add(new AnswerPair(first.get(j), second.get(j), wins.get(j)));
            pairs.add(new AnswerPair(second.get(j), first.get(j), judged.get(j) - wins.get(j)));
        }
        return pairs;
    }

    /** Whether a path of wins leads from each answer to each other (Ford 1957): then the likelihood has a maximum. */
    private static boolean isConnected(int answers, List<AnswerPair> pairs) {
        boolean[][] beats = new boolean[answers][answers];
        pairs.forEach(pair -> beats[pair.chosen()][pair.rejected()] |= pair.probability() > 0);
        for (int through = 0; through < answers; through++) {
            for (int from = 0; from < answers; from++) {
                for (int to = 0; to < answers; to++) {
                    beats[from][to] |= beats[from][through] && beats[through][to];
                }
            }
        }
        return IntStream.range(0, answers)
                .allMatch(a -> IntStream.range(0, answers).allMatch(b -> a == b || beats[a][b]));
    }

    @Override
    public Outcome run() {
        List<AnswerPair> pairs = pairs(first, second, firstWins, judged);
        BradleyTerry.Fit model = BradleyTerry.fit(differences(pairs), 0);
        double[] rewards = withFirst(model.weights());
        Bandit bandit = new Bandit(reference, DoubleStream.of(rewards).boxed().toList());
        List<Trained> trained =
                betas.stream().map(beta -> trained(beta, bandit, pairs)).toList();
        double[] gaps = IntStream.range(1, rewards.length)
                .mapToDouble(a -> rewards[a] - rewards[0])
                .toArray();
        double[] expectedGaps =
                betas.stream().flatMapToDouble(beta -> DoubleStream.of(gaps)).toArray();
        double[] kl = Betas.map(betas, beta -> bandit.divergence(bandit.optimum(beta)));
        double distance = trained.stream().mapToDouble(Trained::distance).max().orElseThrow();
        List<Quantity> quantities = List.of(
                Quantity.near(
                        "loss",
                        "loss per pair of DPO's policy at each β; expected: that of the reward model",
                        trained.stream().mapToDouble(Trained::loss).toArray(),
                        Betas.map(betas, beta -> model.loss()),
                        TOLERANCE),
                Quantity.near(
                        "reward_gaps",
                        "β log(π/π_ref) of each answer minus that of answer 0, at one β after the other",
                        trained.stream()
                                .flatMapToDouble(each -> DoubleStream.of(each.gaps()))
                                .toArray(),
                        expectedGaps,
                        TOLERANCE),
                Quantity.near(
                        "kl",
                        "KL(π‖π_ref) of DPO's policy at each β, nats; expected: that of the RLHF optimum",
                        trained.stream().mapToDouble(Trained::kl).toArray(),
                        kl,
                        TOLERANCE),
                Quantity.near(
                        "distance",
                        "largest difference of a probability between DPO's policy and the RLHF optimum",
                        distance,
                        0,
                        TOLERANCE));
        boolean holds = distance < TOLERANCE;
        return new Outcome(
                        quantities,
                        holds ? Verdict.HOLDS : Verdict.FAILS,
                        "DPO's policy differs from the RLHF optimum of the reward model by at most "
                                + Quantity.shown(distance) + "; the loss per pair is "
                                + Quantity.shown(model.loss()) + " at every β, and β sets the KL alone.")
                .with(plot(bandit, trained));
    }

    /** One row per judgement; the reward of answer 0 is 0, so it has no column. */
    private SparseRows differences(List<AnswerPair> pairs) {
        List<SortedMap<Integer, Double>> rows = new ArrayList<>();
        for (AnswerPair pair : pairs) {
            SortedMap<Integer, Double> difference = new TreeMap<>();
            difference.put(pair.chosen() - 1, 1.0);
            difference.put(pair.rejected() - 1, -1.0);
            difference.remove(-1);
            rows.addAll(Collections.nCopies((int) pair.probability(), difference));
        }
        return SparseRows.of(reference.size() - 1, rows);
    }

    private static double[] withFirst(double[] others) {
        double[] rewards = new double[others.length + 1];
        System.arraycopy(others, 0, rewards, 1, others.length);
        return rewards;
    }

    private record Trained(double loss, double[] gaps, double kl, double distance) {}

    /** DPO's minimum, compared with the optimum of the bandit whose rewards are those of the reward model. */
    private static Trained trained(double beta, Bandit bandit, List<AnswerPair> pairs) {
        double[] reference = bandit.reference();
        Newton.Minimum minimum = new PopulationLoss(new SigmoidLoss(beta, 0), reference, pairs).minimum();
        double[] policy = PopulationLoss.policy(minimum.point());
        double[] rewards = IntStream.range(0, policy.length)
                .mapToDouble(a -> beta * (Math.log(policy[a]) - Math.log(reference[a])))
                .toArray();
        double[] optimum = bandit.optimum(beta);
        double distance = IntStream.range(0, policy.length)
                .mapToDouble(a -> Math.abs(policy[a] - optimum[a]))
                .max()
                .orElseThrow();
        double[] gaps = IntStream.range(1, rewards.length)
                .mapToDouble(a -> rewards[a] - rewards[0])
                .toArray();
        return new Trained(minimum.value(), gaps, bandit.divergence(policy), distance);
    }

    private Plot plot(Bandit bandit, List<Trained> trained) {
        double[] range = Betas.around(betas);
        return new Plot(
                "beta-invariance",
                "KL divergence from the reference of DPO's policy and of the RLHF optimum of the reward model fitted"
                        + " to the same pairs, against β.",
                new PlotAxis("β", PlotScale.LOGARITHMIC),
                new PlotAxis("KL(π‖π_ref), nats", PlotScale.LOGARITHMIC),
                List.of(
                        PlotSeries.of(
                                "RLHF optimum",
                                PlotStyle.DASHED,
                                range,
                                DoubleStream.of(range)
                                        .map(beta -> bandit.divergence(bandit.optimum(beta)))
                                        .toArray()),
                        PlotSeries.of(
                                "DPO",
                                PlotStyle.MARKS,
                                Betas.map(betas, beta -> beta),
                                trained.stream().mapToDouble(Trained::kl).toArray())));
    }
}
