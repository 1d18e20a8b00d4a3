package dpo.torch.block;

import dpo.core.setting.Requirement;

/**
 * How a model's rotary position embedding stretches its frequencies beyond the length it was pre-trained on. Types and
 * formulas are those of transformers ({@code modeling_rope_utils}); others are refused when the configuration is read.
 */
public sealed interface RopeScaling {

    /** The frequency in place of {@code frequency}, radians a position. */
    double scaled(double frequency);

    /** {@code default}: frequencies as they are. */
    record None() implements RopeScaling {
        @Override
        public double scaled(double frequency) {
            return frequency;
        }
    }

    /**
     * {@code linear}: all frequencies divided by a factor (arXiv:2306.15595).
     *
     * @param factor at least 1
     */
    record Linear(double factor) implements RopeScaling {
        public Linear {
            Requirement.within("factor", factor, 1, Double.POSITIVE_INFINITY);
        }

        @Override
        public double scaled(double frequency) {
            return frequency / factor;
        }
    }

    /**
     * {@code llama3}: long waves divided by the factor, short ones kept, those between interpolated (arXiv:2407.21783,
     * section 3.4; Llama 3.1's reference code).
     *
     * @param factor at least 1
     * @param lowFrequencyFactor waves longer than {@code originalLength / lowFrequencyFactor} are divided
     * @param highFrequencyFactor waves shorter than {@code originalLength / highFrequencyFactor} are kept
     * @param originalLength number of positions of the pre-training
     */
    record Llama3(double factor, double lowFrequencyFactor, double highFrequencyFactor, double originalLength)
            implements RopeScaling {
        public Llama3 {
            Requirement.within("factor", factor, 1, Double.POSITIVE_INFINITY);
            Requirement.positive("low_freq_factor", lowFrequencyFactor);
            Requirement.positive("original_max_position_embeddings", originalLength);
            if (!(highFrequencyFactor > lowFrequencyFactor)) {
                throw new IllegalArgumentException(
                        "high_freq_factor must be above low_freq_factor, got " + highFrequencyFactor);
            }
        }

        @Override
        public double scaled(double frequency) {
            double waves = originalLength * frequency / (2 * Math.PI);
            double kept = (waves - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
            double share = Math.min(1, Math.max(0, kept));
            return (1 - share) * frequency / factor + share * frequency;
        }
    }
}
