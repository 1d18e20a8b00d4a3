package dpo.core.loss.composed;

import dpo.core.setting.Requirement;
import java.util.List;

/** The factor of each assistant turn in the sum over turns of a multi-turn objective. */
public sealed interface TurnWeights {

    /**
     * The factor of a turn.
     *
     * @param turn index from 0
     * @param turns number of turns of the completion
     */
    double weight(int turn, int turns);

    /** {@code Σ_t s_t}: every turn has weight 1, as in the multi-turn DPO objective. */
    record All() implements TurnWeights {
        @Override
        public double weight(int turn, int turns) {
            return 1;
        }
    }

    /** Only the last turn counts. */
    record Last() implements TurnWeights {
        @Override
        public double weight(int turn, int turns) {
            return turn == turns - 1 ? 1 : 0;
        }
    }

    /**
     * {@code Σ_t γ^(T−1−t) s_t}: the last turn has weight 1, earlier ones decreasing weights.
     *
     * @param gamma γ in (0, 1]
     */
    record Discounted(double gamma) implements TurnWeights {

        public Discounted {
            Requirement.holds(gamma > 0 && gamma <= 1, "discount", "must be in (0, 1]", gamma);
        }

        @Override
        public double weight(int turn, int turns) {
            return Math.pow(gamma, turns - 1 - turn);
        }
    }

    /**
     * {@code Σ_t w_t s_t} with given weights, from the first turn on.
     *
     * @param weights w_t, finite and at least 0; a completion may not have more turns than there are weights
     */
    record Own(List<Double> weights) implements TurnWeights {

        public Own {
            weights = List.copyOf(weights);
            for (double weight : weights) {
                if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
                    throw new IllegalArgumentException("turn weights must be finite and at least 0, got " + weight);
                }
            }
        }

        @Override
        public double weight(int turn, int turns) {
            if (turns > weights.size()) {
                throw new IllegalArgumentException(
                        "turn weights must cover every turn (" + turns + "), got " + weights.size() + " weights");
            }
            return weights.get(turn);
        }
    }
}
