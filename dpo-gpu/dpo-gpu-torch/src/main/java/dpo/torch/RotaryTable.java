package dpo.torch;

import dpo.torch.checkpoint.LlamaConfig;
import org.bytedeco.pytorch.Tensor;

/**
 * The rotations of rotary position embedding (arXiv:2104.09864): at position p the pair {@code (x_i, x_{i+d/2})} of a
 * head is turned by the angle {@code p · ω_i}, {@code ω_i = θ^(−2i/d)}, scaled as the configuration says.
 *
 * <p>Frequencies and angles are rounded to float32 as transformers does, so that log-probabilities agree at far
 * positions too, where the rounding of an angle is seen.
 */
final class RotaryTable {

    private final float[] frequencies;
    private final TorchDevice device;

    /**
     * Factors of {@code x · cosine + roll(x, d/2) · sine}.
     *
     * @param cosine {@code [packed, 1, d]}
     * @param sine {@code [packed, 1, d]}, the first half negative
     */
    record Rotations(Tensor cosine, Tensor sine, long headSize) {

        /** The queries or keys {@code [packed, heads, d]}, turned. */
        Tensor turn(Tensor vectors) {
            return vectors.mul(cosine).addcmul(vectors.roll(new long[] {headSize / 2}, -1), sine);
        }
    }

    RotaryTable(LlamaConfig config, TorchDevice device) {
        this.device = device;
        this.frequencies = new float[config.headSize() / 2];
        for (int i = 0; i < frequencies.length; i++) {
            float exponent = (float) (2.0 * i / config.headSize());
            float frequency = 1 / (float) Math.pow(config.ropeTheta(), exponent);
            frequencies[i] = (float) config.ropeScaling().scaled(frequency);
        }
    }

    /** The rotations at the given positions, in the current scope. */
    Rotations at(long[] positions) {
        int half = frequencies.length;
        float[] cosine = new float[positions.length * 2 * half];
        float[] sine = new float[cosine.length];
        for (int token = 0; token < positions.length; token++) {
            for (int i = 0; i < half; i++) {
                double angle = (float) positions[token] * frequencies[i];
                int at = token * 2 * half + i;
                cosine[at] = cosine[at + half] = (float) Math.cos(angle);
                sine[at + half] = (float) Math.sin(angle);
                sine[at] = -sine[at + half];
            }
        }
        return new Rotations(table(cosine, positions.length), table(sine, positions.length), 2L * half);
    }

    private Tensor table(float[] values, int tokens) {
        return device.place(Tensor.create(values, tokens, 1, values.length / tokens));
    }
}
