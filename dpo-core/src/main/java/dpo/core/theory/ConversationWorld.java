package dpo.core.theory;

import dpo.core.numeric.LogSpace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The policies of a {@link Conversation}, with exact expectations and the exact optimum of
 *
 * <pre>  J_β(π) = E[r] − β E[Σ_t log π(y_t | history) / π_ref(y_t | history)]</pre>
 *
 * over the turns t of the policy; the user is not the policy's. A policy is a table of logits: one number per answer of
 * each {@link Conversation.Turn}, turn after turn in the order of a walk that visits a turn before what follows it.
 */
public final class ConversationWorld {

    /**
     * A course of the conversation.
     *
     * @param entries for each turn of the policy, the index of the chosen answer in the table of logits
     * @param chance probability of the user's replies, given the policy's answers
     * @param reward r
     */
    public record Trajectory(List<Integer> entries, double chance, double reward) {}

    private final Conversation start;
    private final List<double[]> references = new ArrayList<>();
    private final List<Integer> offsets = new ArrayList<>();
    private final List<Trajectory> trajectories = new ArrayList<>();
    private int entries;

    /** The policies of a conversation. */
    public ConversationWorld(Conversation start) {
        this.start = start;
        walk(start, List.of(), 1);
    }

    private void walk(Conversation at, List<Integer> chosen, double chance) {
        if (at instanceof Conversation.End end) {
            trajectories.add(new Trajectory(chosen, chance, end.reward()));
        } else if (at instanceof Conversation.Reply reply) {
            for (int i = 0; i < reply.next().size(); i++) {
                walk(reply.next().get(i), chosen, chance * reply.probabilities().get(i));
            }
        } else if (at instanceof Conversation.Turn turn) {
            int offset = entries;
            offsets.add(offset);
            references.add(turn.reference().stream().mapToDouble(Math::log).toArray());
            entries += turn.next().size();
            for (int i = 0; i < turn.next().size(); i++) {
                List<Integer> longer = new ArrayList<>(chosen);
                longer.add(offset + i);
                walk(turn.next().get(i), List.copyOf(longer), chance);
            }
        }
    }

    /** All courses of the conversation, those of probability 0 included. */
    public List<Trajectory> trajectories() {
        return List.copyOf(trajectories);
    }

    /** log π_ref, a table of logits. */
    public double[] logReference() {
        return references.stream().flatMapToDouble(Arrays::stream).toArray();
    }

    /** The log-probabilities {@code log softmax} of a policy at each turn, a table of the same layout. */
    public double[] logPolicy(double[] logits) {
        double[] logs = logits.clone();
        for (int turn = 0; turn < offsets.size(); turn++) {
            int from = offsets.get(turn);
            int to = from + references.get(turn).length;
            double logSum = LogSpace.logSumExp(Arrays.copyOfRange(logits, from, to));
            for (int i = from; i < to; i++) {
                logs[i] -= logSum;
            }
        }
        return logs;
    }

    /** The gradient in the logits, from that in the {@link #logPolicy log-probabilities}. */
    double[] pullBack(double[] logPolicy, double[] gradient) {
        double[] pulled = gradient.clone();
        for (int turn = 0; turn < offsets.size(); turn++) {
            int from = offsets.get(turn);
            int to = from + references.get(turn).length;
            double sum = IntStream.range(from, to).mapToDouble(i -> gradient[i]).sum();
            for (int i = from; i < to; i++) {
                pulled[i] -= sum * Math.exp(logPolicy[i]);
            }
        }
        return pulled;
    }

    /** J_β of a policy, by summing over all trajectories. */
    public double value(double[] logits, double beta) {
        double[] logPolicy = logPolicy(logits);
        double[] logReference = logReference();
        double value = 0;
        for (Trajectory each : trajectories) {
            double logProbability = 0;
            double logRatio = 0;
            for (int entry : each.entries()) {
                logProbability += logPolicy[entry];
                logRatio += logPolicy[entry] - logReference[entry];
            }
            double probability = each.chance() * Math.exp(logProbability);
            value += probability == 0 ? 0 : probability * (each.reward() - beta * logRatio);
        }
        return value;
    }

    /**
     * The optimum of J_β by the soft Bellman recursion from the end,
     *
     * <pre>
     *  V = β log Σ_a π_ref(a) exp(V_a/β),   π*(a) ∝ π_ref(a) exp(V_a/β)    at a turn of the policy
     *  V = Σ_u P(u) V_u                                                      at a reply of the user
     *  V = r                                                                 at the end
     * </pre>
     *
     * @param beta β &gt; 0
     */
    public Optimum optimum(double beta) {
        double[] logits = logReference();
        double value = back(start, beta, logits, new int[1]);
        return new Optimum(logits, value);
    }

    /**
     * The optimum.
     *
     * @param logits its table of logits
     * @param value J_β(π*_β), the value V of the start
     */
    public record Optimum(double[] logits, double value) {}

    /** The value V of a point of the conversation; writes the logits of its turns. */
    private double back(Conversation at, double beta, double[] logits, int[] visited) {
        if (at instanceof Conversation.End end) {
            return end.reward();
        }
        if (at instanceof Conversation.Reply reply) {
            double mean = 0;
            for (int i = 0; i < reply.next().size(); i++) {
                mean += reply.probabilities().get(i) * back(reply.next().get(i), beta, logits, visited);
            }
            return mean;
        }
        Conversation.Turn turn = (Conversation.Turn) at;
        int offset = offsets.get(visited[0]++);
        double[] scores = new double[turn.next().size()];
        for (int i = 0; i < scores.length; i++) {
            logits[offset + i] += back(turn.next().get(i), beta, logits, visited) / beta;
            scores[i] = logits[offset + i];
        }
        return beta * LogSpace.logSumExp(scores);
    }
}
