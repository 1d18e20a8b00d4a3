package dpo.torch.nn.attention;

import dpo.core.setting.Requirement;
import dpo.torch.nn.ForwardContext;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Rotary position embedding (arXiv:2104.09864): at position p the pair {@code (x_i, x_{i+d/2})} of the first d numbers
 * of a head is rotated by the angle {@code p · ω_i}, {@code ω_i = θ^(−2i/d)}, where the frequencies ω may be scaled.
 *
 * <p>Frequencies and angles are rounded to float32 as in transformers, so that log-probabilities also agree at far
 * positions, where the rounding of an angle matters.
 *
 * @param size d, even: the width of a head, or less for families that rotate a part of it
 * @param theta base θ
 * @param scaling of the frequencies
 */
public record RotaryEmbedding(int size, double theta, RopeScaling scaling) {

    public RotaryEmbedding {
        Requirement.positive("rope_theta", theta);
        if (size < 2 || size % 2 != 0) {
            throw new IllegalArgumentException("rotary part of head_dim must be even and at least 2, got " + size);
        }
    }

    /**
     * Factors of {@code x · cosine + roll(x, d/2) · sine}.
     *
     * @param cosine {@code [packed, 1, d]}
     * @param sine {@code [packed, 1, d]}, the first half negative
     */
    record Table(Tensor cosine, Tensor sine) {

        /** Queries or keys {@code [packed, heads, head size]} with the first d numbers of each rotated. */
        Tensor apply(Tensor vectors) {
            long size = cosine.size(2);
            long rest = vectors.size(2) - size;
            if (rest == 0) {
                return rotated(vectors, size);
            }
            TensorVector parts = vectors.split_with_sizes(new long[] {size, rest}, -1);
            return torch.cat(new TensorVector(rotated(parts.get(0), size), parts.get(1)), -1);
        }

        private Tensor rotated(Tensor vectors, long size) {
            return vectors.mul(cosine).addcmul(vectors.roll(new long[] {size / 2}, -1), sine);
        }
    }

    /** The factors at the positions of all tokens, made once per pass. */
    Table table(ForwardContext context) {
        return context.shared(this, keep -> {
            Table table = at(context.layout().positions());
            return new Table(keep.apply(table.cosine), keep.apply(table.sine));
        });
    }

    /** The factors at the given positions, on the CPU. */
    private Table at(long[] positions) {
        float[] frequencies = frequencies();
        int half = frequencies.length;
        float[] cosine = new float[positions.length * size];
        float[] sine = new float[cosine.length];
        for (int token = 0; token < positions.length; token++) {
            for (int i = 0; i < half; i++) {
                double angle = (float) positions[token] * frequencies[i];
                int at = token * size + i;
                cosine[at] = cosine[at + half] = (float) Math.cos(angle);
                sine[at + half] = (float) Math.sin(angle);
                sine[at] = -sine[at + half];
            }
        }
        return new Table(
                Tensor.create(cosine, positions.length, 1, size), Tensor.create(sine, positions.length, 1, size));
    }

    private float[] frequencies() {
        float[] frequencies = new float[size / 2];
        for (int i = 0; i < frequencies.length; i++) {
            float exponent = (float) (2.0 * i / size);
            frequencies[i] = (float) scaling.scaled(1 / (float) Math.pow(theta, exponent));
        }
        return frequencies;
    }
}
