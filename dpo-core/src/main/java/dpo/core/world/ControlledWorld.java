package dpo.core.world;

import dpo.core.backend.ExactEvaluation;
import dpo.core.backend.ExactEvaluation.RewardAndKl;
import dpo.core.numeric.LogSpace;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.core.setting.Requirement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * A reference policy π_ref and a true reward over completions, with prompts drawn uniformly.
 *
 * <p>π_ref is a position-dependent Markov chain and the reward a sum over tokens, {@code r(x, y) = Σ_t ρ(y_{t−1}, y_t)}
 * with {@code y_0 = x}. The optimum {@code π*_β ∝ π_ref exp(r/β)} of {@code max_π E[r] − β KL(π‖π_ref)}
 * (arXiv:2305.18290, eq. 4) is then also a Markov chain, and all expectations are exact sums over states.
 */
public final class ControlledWorld {

    /** Largest number of draws of a pair before π_ref is refused as deterministic. */
    private static final int MAX_DRAWS = 10_000;

    private final MarkovShape shape;
    private final double[] referenceLogits;
    private final double[] rewards;
    private final MarkovPolicy reference;

    /**
     * A world with the given tables.
     *
     * @param shape states and layout of both tables
     * @param referenceLogits logits of π_ref
     * @param rewards ρ of each transition; it may depend on the position
     */
    public ControlledWorld(MarkovShape shape, double[] referenceLogits, double[] rewards) {
        if (rewards.length != shape.entries()) {
            throw new IllegalArgumentException(
                    "rewards must hold one number per entry (" + shape.entries() + "), got " + rewards.length);
        }
        this.shape = shape;
        this.referenceLogits = referenceLogits.clone();
        this.rewards = rewards.clone();
        this.reference = MarkovPolicy.ofLogits(shape, referenceLogits);
    }

    /**
     * A random world: independent normal logits at every state, and normal rewards ρ(previous, token) that are the
     * same at every position.
     *
     * @param shape states
     * @param sharpness standard deviation of the reference's logits, at least 0; 0 makes it uniform
     * @param rewardScale standard deviation of ρ, at least 0
     * @param seed seed of the world
     */
    public static ControlledWorld random(MarkovShape shape, double sharpness, double rewardScale, long seed) {
        Requirement.notNegative("sharpness", sharpness);
        Requirement.notNegative("reward_scale", rewardScale);
        RandomStreams streams = new RandomStreams(seed);
        double[] rewards = normal(shape.entries(), rewardScale, streams.stream("world.rewards"));
        int promptEntries = shape.prompts() * shape.vocabulary();
        int positionEntries = (shape.vocabulary() - 1) * shape.vocabulary();
        for (int i = promptEntries + positionEntries; i < rewards.length; i++) {
            rewards[i] = rewards[i - positionEntries];
        }
        return new ControlledWorld(
                shape, normal(shape.entries(), sharpness, streams.stream("world.reference")), rewards);
    }

    private static double[] normal(int size, double deviation, RandomGenerator random) {
        double[] values = new double[size];
        Arrays.setAll(values, i -> deviation * random.nextGaussian());
        return values;
    }

    /** States and layout. */
    public MarkovShape shape() {
        return shape;
    }

    /** The reference policy π_ref. */
    public MarkovPolicy reference() {
        return reference;
    }

    /** The logits of {@link #reference}. */
    public double[] referenceLogits() {
        return referenceLogits.clone();
    }

    /** The reward ρ of each transition, in the layout of the shape's tables. */
    public double[] rewards() {
        return rewards.clone();
    }

    /** The true reward r(x, y) of a completion, including END if the completion ends with it. */
    public double reward(int prompt, int[] completion) {
        double sum = 0;
        int state = prompt;
        for (int token : completion) {
            sum += rewards[state * shape.vocabulary() + token];
            state = shape.next(state, token);
        }
        return sum;
    }

    /**
     * The true rewards of sequences of a prompt's token and a completion. A token that does not belong to the world's
     * completions has the reward 0, and so have the tokens after it.
     *
     * @throws IllegalArgumentException if a sequence does not begin with a prompt
     */
    public double[] rewards(List<TokenSequence> sequences) {
        return sequences.stream().mapToDouble(this::reward).toArray();
    }

    private double reward(TokenSequence sequence) {
        int prompt = sequence.id(0) - shape.vocabulary();
        if (prompt < 0 || prompt >= shape.prompts()) {
            throw new IllegalArgumentException("first token must be a prompt in [" + shape.vocabulary() + ", "
                    + (shape.vocabulary() + shape.prompts()) + "), got " + sequence.id(0));
        }
        int[] completion = IntStream.range(1, sequence.length())
                .map(sequence::id)
                .takeWhile(token -> token < shape.vocabulary())
                .toArray();
        return reward(prompt, completion);
    }

    /**
     * Samples pairs: a uniform prompt, two completions from π_ref, and a label from the Bradley–Terry model, {@code
     * P(y_1 ≻ y_2) = σ(r(x, y_1) − r(x, y_2))}.
     *
     * <p>If both completions are equal, they are drawn again for the same prompt. The completions of a pair are thus
     * independent draws from π_ref, conditioned on being different; the policy that fits their labels best is
     * unchanged.
     *
     * @param n number of pairs, at least 1; their ids count from 0
     * @param random source of all choices
     * @throws IllegalStateException if π_ref is so nearly deterministic that it does not give two different completions
     */
    public List<Preference> samplePairs(int n, RandomGenerator random) {
        Requirement.atLeast("pairs", n, 1);
        List<Preference> pairs = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            pairs.add(samplePair(Integer.toString(i), random));
        }
        return pairs;
    }

    private Preference samplePair(String id, RandomGenerator random) {
        int prompt = random.nextInt(shape.prompts());
        for (int draw = 0; draw < MAX_DRAWS; draw++) {
            int[] first = reference.sample(prompt, random);
            int[] second = reference.sample(prompt, random);
            if (!Arrays.equals(first, second)) {
                double gap = reward(prompt, first) - reward(prompt, second);
                boolean firstPreferred = random.nextDouble() < LogSpace.sigmoid(gap);
                return firstPreferred ? pair(id, prompt, first, second) : pair(id, prompt, second, first);
            }
        }
        throw new IllegalStateException("reference must be able to give two different completions, got the same "
                + MAX_DRAWS + " times (prompt " + prompt + "): lower the sharpness");
    }

    private Preference pair(String id, int prompt, int[] chosen, int[] rejected) {
        int[] context = {shape.promptToken(prompt)};
        return Preference.pair(id, TokenSequence.of(context, chosen), TokenSequence.of(context, rejected));
    }

    /** Exact expected reward and KL divergence from π_ref of a policy of this world's shape. */
    public RewardAndKl evaluate(MarkovPolicy policy) {
        requireShape(policy);
        double[] reward = new double[shape.states()];
        double[] kl = new double[shape.states()];
        // Next states have higher numbers; in descending order their values are already computed.
        for (int state = shape.states() - 1; state >= 0; state--) {
            for (int token = 0; token < shape.vocabulary(); token++) {
                int entry = state * shape.vocabulary() + token;
                double probability = Math.exp(policy.logProb(entry));
                if (probability == 0) {
                    continue; // 0 · log 0 = 0
                }
                int next = shape.next(state, token);
                double toCome = next == MarkovShape.OVER ? 0 : reward[next];
                double klToCome = next == MarkovShape.OVER ? 0 : kl[next];
                reward[state] += probability * (rewards[entry] + toCome);
                kl[state] += probability * (policy.logProb(entry) - reference.logProb(entry) + klToCome);
            }
        }
        // Rounding may give a value just below a divergence of 0.
        return new RewardAndKl(meanOfPrompts(reward), Math.max(0, meanOfPrompts(kl)));
    }

    /**
     * The optimum {@code π*_β ∝ π_ref exp(r/β)}, by the backward recursion in logs
     *
     * <pre>
     *  log Z(s) = log Σ_a π_ref(a|s) exp(ρ(s, a)/β) Z(s·a),     π*(a|s) = π_ref(a|s) exp(ρ(s, a)/β) Z(s·a) / Z(s)
     * </pre>
     *
     * @param beta β &gt; 0; {@code +∞} gives the reference
     */
    public MarkovPolicy optimum(double beta) {
        return MarkovPolicy.ofLogits(shape, optimumLogits(beta));
    }

    /**
     * Logits of the {@link #optimum}, not normalised.
     *
     * @param beta β &gt; 0; {@code +∞} gives the reference
     */
    public double[] optimumLogits(double beta) {
        if (!(beta > 0)) {
            throw new IllegalArgumentException("beta must be positive, got " + beta);
        }
        double[] logits = new double[shape.entries()];
        double[] logZ = new double[shape.states()];
        double[] row = new double[shape.vocabulary()];
        for (int state = shape.states() - 1; state >= 0; state--) {
            for (int token = 0; token < row.length; token++) {
                int entry = state * row.length + token;
                int next = shape.next(state, token);
                double toCome = next == MarkovShape.OVER ? 0 : logZ[next];
                row[token] = reference.logProb(entry) + rewards[entry] / beta + toCome;
                logits[entry] = row[token];
            }
            logZ[state] = LogSpace.logSumExp(row);
        }
        return logits;
    }

    /**
     * How much a policy loses of the objective {@code J_β(π) = E[r] − β KL(π‖π_ref)}, exactly:
     *
     * <pre>  J_β(π*_β) − J_β(π) = β KL(π‖π*_β),</pre>
     *
     * by the right side, which loses no digits where both J are nearly equal.
     *
     * @param beta β &gt; 0, finite
     * @return in units of the reward, at least 0
     */
    public double regret(MarkovPolicy policy, double beta) {
        requireShape(policy);
        return beta * divergence(policy, optimum(beta));
    }

    private double divergence(MarkovPolicy policy, MarkovPolicy other) {
        double[] kl = new double[shape.states()];
        for (int state = shape.states() - 1; state >= 0; state--) {
            for (int token = 0; token < shape.vocabulary(); token++) {
                int entry = state * shape.vocabulary() + token;
                double probability = Math.exp(policy.logProb(entry));
                if (probability > 0) {
                    int next = shape.next(state, token);
                    double toCome = next == MarkovShape.OVER ? 0 : kl[next];
                    kl[state] += probability * (policy.logProb(entry) - other.logProb(entry) + toCome);
                }
            }
        }
        return Math.max(0, meanOfPrompts(kl));
    }

    /** The {@link ExactEvaluation} of a policy in this world. */
    public ExactEvaluation evaluation(MarkovPolicy policy) {
        requireShape(policy);
        return new ExactEvaluation() {
            @Override
            public RewardAndKl policy() {
                return evaluate(policy);
            }

            @Override
            public RewardAndKl optimum(double beta) {
                return evaluate(ControlledWorld.this.optimum(beta));
            }

            @Override
            public double regret(double beta) {
                return ControlledWorld.this.regret(policy, beta);
            }
        };
    }

    private void requireShape(MarkovPolicy policy) {
        if (!policy.shape().equals(shape)) {
            throw new IllegalArgumentException(
                    "policy must have the world's shape " + shape + ", got " + policy.shape());
        }
    }

    private double meanOfPrompts(double[] perState) {
        double sum = 0;
        for (int prompt = 0; prompt < shape.prompts(); prompt++) {
            sum += perState[prompt];
        }
        return sum / shape.prompts();
    }
}
