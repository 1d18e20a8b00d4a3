package dpo.core.world;

import dpo.core.backend.ExactEvaluation;
import dpo.core.backend.ExactEvaluation.RewardAndKl;
import dpo.core.numeric.LogSpace;
import dpo.core.sequence.TokenSequence;
import dpo.core.setting.Requirement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * All prefixes of the completions of a controlled world, for the exact evaluation of policies that depend on the whole
 * prefix, such as transformers.
 *
 * <p>Such a policy gives every token of its vocabulary a probability, that of a prompt too. A token that does not belong
 * to the world's completions ends a completion and has the reward 0; so probabilities, expectations and the optimum are
 * those of the policy as it is.
 *
 * <p>Prefixes of a prompt are numbered by length, and then as numbers in base {@code vocabulary − 1}, so every prefix
 * comes before its continuations; prompts follow each other. A table has one number per prefix and token, at
 * {@code prefix · tokens + token}.
 */
public final class PrefixTree {

    /** Largest number of numbers in a table: a table of 8 MiB. */
    public static final int MOST_ENTRIES = 1 << 20;

    private final ControlledWorld world;
    private final MarkovShape shape;
    private final int branches;
    private final int prefixesOfPrompt;
    private final int firstLongest;
    private final int tokens;
    private final double[] rewards;

    /**
     * The prefixes of a world's completions.
     *
     * @throws dpo.core.setting.SettingException if {@link #requireSmall} does not hold
     */
    public PrefixTree(ControlledWorld world) {
        this.world = world;
        this.shape = world.shape();
        this.branches = shape.vocabulary() - 1;
        this.tokens = shape.vocabulary() + shape.prompts();
        requireSmall(shape);
        int all = 0;
        int longest = 1;
        for (int length = 0; length < shape.length() - 1; length++) {
            all += longest;
            longest *= branches;
        }
        this.firstLongest = all;
        this.prefixesOfPrompt = all + longest;
        this.rewards = rewards();
    }

    /**
     * Requires a world whose completions have at least two tokens, and whose tables have at most {@link #MOST_ENTRIES}
     * numbers.
     */
    public static void requireSmall(MarkovShape shape) {
        double prefixes = 0;
        for (int length = 0; length < shape.length(); length++) {
            prefixes += Math.pow(shape.vocabulary() - 1.0, length);
        }
        double entries = prefixes * shape.prompts() * (shape.vocabulary() + shape.prompts());
        Requirement.atLeast("length", shape.length(), 2);
        Requirement.holds(
                entries <= MOST_ENTRIES,
                "length",
                "must give, with vocabulary and prompts, at most " + MOST_ENTRIES + " prefixes times tokens",
                entries,
                "vocabulary",
                "prompts");
    }

    private double[] rewards() {
        double[] table = new double[entries()];
        for (int prompt = 0; prompt < shape.prompts(); prompt++) {
            for (int prefix = 0; prefix < prefixesOfPrompt; prefix++) {
                int[] before = completion(prefix);
                double soFar = world.reward(prompt, before);
                int[] longer = Arrays.copyOf(before, before.length + 1);
                for (int token = 0; token < shape.vocabulary(); token++) {
                    longer[before.length] = token;
                    table[entry(prompt, prefix) + token] = world.reward(prompt, longer) - soFar;
                }
            }
        }
        return table;
    }

    /**
     * The true reward of a prompt and the tokens after it, up to the end of the completion.
     *
     * @throws IllegalArgumentException if the first token is no prompt
     */
    public double reward(TokenSequence sequence) {
        int prompt = sequence.id(0) - shape.vocabulary();
        if (prompt < 0 || prompt >= shape.prompts()) {
            throw new IllegalArgumentException("first token must be a prompt in [" + shape.vocabulary() + ", " + tokens
                    + "), got " + sequence.id(0));
        }
        int[] after = Arrays.copyOfRange(sequence.ids(), 1, Math.min(sequence.length(), 1 + shape.length()));
        int length = 0;
        while (length < after.length && after[length] < shape.vocabulary()) {
            length++;
            if (after[length - 1] == MarkovShape.END) {
                break;
            }
        }
        return world.reward(prompt, Arrays.copyOf(after, length));
    }

    /** The tokens of a prefix. */
    private int[] completion(int prefix) {
        int[] reversed = new int[shape.length()];
        int length = 0;
        for (int rest = prefix; rest > 0; rest = (rest - 1) / branches) {
            reversed[length++] = (rest - 1) % branches + 1;
        }
        int[] completion = new int[length];
        for (int i = 0; i < length; i++) {
            completion[i] = reversed[length - 1 - i];
        }
        return completion;
    }

    private int entry(int prompt, int prefix) {
        return (prompt * prefixesOfPrompt + prefix) * tokens;
    }

    /** Number of entries of a table. */
    public int entries() {
        return shape.prompts() * prefixesOfPrompt * tokens;
    }

    /** Number of token ids of a policy: the world's completion tokens and its prompts. */
    public int tokens() {
        return tokens;
    }

    /** Prompts with the longest prefixes as completions; every prefix begins one of them. */
    public List<TokenSequence> sequences() {
        List<TokenSequence> sequences = new ArrayList<>();
        for (int prompt = 0; prompt < shape.prompts(); prompt++) {
            int[] context = {shape.promptToken(prompt)};
            for (int prefix = firstLongest; prefix < prefixesOfPrompt; prefix++) {
                sequences.add(TokenSequence.of(context, completion(prefix)));
            }
        }
        return sequences;
    }

    /**
     * Writes next-token log-probs of a policy into a table.
     *
     * @param table of {@link #entries} numbers
     * @param sequence index of one of the {@link #sequences}
     * @param logProbs at its prefixes, from the prompt alone to the whole sequence: {@code [length + 1][tokens]}, flat
     * @param from index of the first of these numbers
     */
    public void put(double[] table, int sequence, double[] logProbs, int from) {
        int longest = prefixesOfPrompt - firstLongest;
        int prefix = firstLongest + sequence % longest;
        for (int length = shape.length() - 1; length >= 0; length--) {
            System.arraycopy(logProbs, from + length * tokens, table, entry(sequence / longest, prefix), tokens);
            prefix = (prefix - 1) / branches;
        }
    }

    /**
     * Expected reward and KL divergence from the reference, over uniform prompts.
     *
     * @param policy table of log-probs
     * @param reference table of log-probs of π_ref
     */
    public RewardAndKl evaluate(double[] policy, double[] reference) {
        double reward = 0;
        double kl = 0;
        double[] rewardToCome = new double[prefixesOfPrompt];
        double[] klToCome = new double[prefixesOfPrompt];
        for (int prompt = 0; prompt < shape.prompts(); prompt++) {
            for (int prefix = prefixesOfPrompt - 1; prefix >= 0; prefix--) {
                int first = entry(prompt, prefix);
                rewardToCome[prefix] = 0;
                klToCome[prefix] = 0;
                for (int token = 0; token < tokens; token++) {
                    double logProb = policy[first + token];
                    double probability = Math.exp(logProb);
                    if (probability == 0) {
                        continue; // 0 · log 0 = 0
                    }
                    int next = next(prefix, token);
                    rewardToCome[prefix] += probability * (rewards[first + token] + toCome(rewardToCome, next));
                    klToCome[prefix] += probability * (logProb - reference[first + token] + toCome(klToCome, next));
                }
            }
            reward += rewardToCome[0];
            kl += klToCome[0];
        }
        // Rounding may give a value just below a divergence of 0.
        return new RewardAndKl(reward / shape.prompts(), Math.max(0, kl / shape.prompts()));
    }

    /**
     * The log-probs of the optimum {@code π*_β ∝ π_ref exp(r/β)}, by the recursion of {@link ControlledWorld#optimum} over
     * prefixes.
     *
     * @param reference table of log-probs of π_ref
     * @param beta β &gt; 0; {@code +∞} gives the reference
     */
    public double[] optimum(double[] reference, double beta) {
        if (!(beta > 0)) {
            throw new IllegalArgumentException("beta must be positive, got " + beta);
        }
        double[] optimum = new double[reference.length];
        double[] logZ = new double[prefixesOfPrompt];
        double[] row = new double[tokens];
        for (int prompt = 0; prompt < shape.prompts(); prompt++) {
            for (int prefix = prefixesOfPrompt - 1; prefix >= 0; prefix--) {
                int first = entry(prompt, prefix);
                for (int token = 0; token < tokens; token++) {
                    row[token] = reference[first + token]
                            + rewards[first + token] / beta
                            + toCome(logZ, next(prefix, token));
                }
                logZ[prefix] = LogSpace.logSumExp(row);
                for (int token = 0; token < tokens; token++) {
                    optimum[first + token] = row[token] - logZ[prefix];
                }
            }
        }
        return optimum;
    }

    /** The prefix after a token, or {@link MarkovShape#OVER}. */
    private int next(int prefix, int token) {
        boolean isOver = prefix >= firstLongest || token == MarkovShape.END || token > branches;
        return isOver ? MarkovShape.OVER : prefix * branches + token;
    }

    private static double toCome(double[] values, int prefix) {
        return prefix == MarkovShape.OVER ? 0 : values[prefix];
    }

    /**
     * The {@link ExactEvaluation} of a policy.
     *
     * @param policy makes the table of log-probs of the policy
     * @param reference table of log-probs of π_ref
     */
    public ExactEvaluation evaluation(Supplier<double[]> policy, double[] reference) {
        return new ExactEvaluation() {
            @Override
            public RewardAndKl policy() {
                return evaluate(policy.get(), reference);
            }

            @Override
            public RewardAndKl optimum(double beta) {
                return evaluate(PrefixTree.this.optimum(reference, beta), reference);
            }

            @Override
            public double regret(double beta) {
                return beta
                        * evaluate(policy.get(), PrefixTree.this.optimum(reference, beta))
                                .kl();
            }
        };
    }
}
