package dpo.nd4j.network;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The output layer of a network as a matrix product, {@code logits = h W + b}, over the scored places alone.
 *
 * @param weights W, {@code [width, vocabulary]}
 * @param bias b, {@code [1, vocabulary]}; null if there is none
 * @param ofWeights the gradient of W, to which {@link #backward} adds
 * @param ofBias the gradient of b; null if there is none
 */
record LanguageHead(
        INDArray weights,
        @Nullable INDArray bias,
        INDArray ofWeights,
        @Nullable INDArray ofBias) {

    /** Numbers of a product, 64 MiB of floats; buffers of the host have at most 2 GiB. */
    private static final int CHUNK = 1 << 24;

    /** Number of token ids, or 1. */
    int outputs() {
        return Math.toIntExact(weights.size(1));
    }

    /** Number of places whose logits are computed at once. */
    int placesAtOnce() {
        return Math.max(1, CHUNK / outputs());
    }

    /**
     * The logits at places.
     *
     * @param hidden {@code [places, width]}
     * @return {@code [vocabulary, places]} in the order f: those of a place are contiguous
     */
    INDArray logits(INDArray hidden) {
        INDArray logits = Nd4j.gemm(weights, hidden, true, true);
        return bias == null ? logits : logits.addiColumnVector(bias.reshape(bias.length(), 1));
    }

    /**
     * Adds to the gradients of W and b.
     *
     * @param ofLogits {@code [vocabulary, places]}
     * @return the gradient of the hidden states, {@code [places, width]}
     */
    INDArray backward(INDArray hidden, INDArray ofLogits) {
        ofWeights.addi(Nd4j.gemm(hidden, ofLogits, true, true));
        if (ofBias != null) {
            ofBias.addi(ofLogits.sum(1).reshape(ofBias.shape()));
        }
        return Nd4j.gemm(ofLogits, weights, true, true);
    }
}
