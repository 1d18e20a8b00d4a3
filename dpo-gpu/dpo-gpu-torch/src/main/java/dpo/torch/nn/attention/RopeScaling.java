package dpo.torch.nn.attention;

import dpo.core.setting.Requirement;

/**
 * The scaling of rotary frequencies that extends a model beyond the length of its pre-training. Types and formulas are
 * those of transformers ({@code modeling_rope_utils}); other types are refused when the configuration is read.
 */
public sealed interface RopeScaling {

    /** The scaled frequency, in radians per position. */
    double scaled(double frequency);

    /** {@code default}: unscaled frequencies. */
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
     * {@code llama3}: low frequencies divided by the factor, high ones unchanged, those between interpolated
     * (arXiv:2407.21783, section 3.4; Llama 3.1's reference code).
     *
     * @param factor at least 1
     * @param lowFrequencyFactor wavelengths above {@code originalLength / lowFrequencyFactor} are divided
     * @param highFrequencyFactor wavelengths below {@code originalLength / highFrequencyFactor} are unchanged
     * @param originalLength number of positions in pre-training
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
            double wavelengths = originalLength * frequency / (2 * Math.PI);
            double position = (wavelengths - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
            double share = Math.min(1, Math.max(0, position));
            return (1 - share) * frequency / factor + share * frequency;
        }
    }
}
