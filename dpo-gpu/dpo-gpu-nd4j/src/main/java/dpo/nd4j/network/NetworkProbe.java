package dpo.nd4j.network;

import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenShape;
import dpo.core.sequence.TokenSequence;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Tries a network on a tiny batch for what its configuration does not show: that no token sees later ones or the padding,
 * and that its gradient is that of its log-probs. Some layers of Deeplearning4j 1.0.0-M2.1 return twice their gradient.
 *
 * @param network to try; its parameters are as before after each method
 */
public record NetworkProbe(LanguageNetwork network) {

    private static final int LENGTH = 6;
    private static final int SHORT = 3;

    /** Largest relative error of a derivative along the gradient; a wrong factor is far beyond. */
    private static final double ERROR = 0.02;

    /** Changes of the log-probs along a direction; one of them is above rounding and below curvature. */
    private static final double[] CHANGES = {1e-2, 1e-3, 1e-1, 1e-4};

    /** An array whose gradient is a smaller share of the whole is tried along a random direction. */
    private static final double SMALL = 1e-3;

    /** The same direction each time. */
    private static final long SEED = 1;

    /**
     * Tries everything.
     *
     * @throws IllegalArgumentException with the property that the network lacks
     */
    public void check() {
        try {
            requireCausal();
            requireUnpadded();
            requireGradient();
        } catch (RuntimeException e) {
            if (e.getClass() == IllegalArgumentException.class) {
                throw e;
            }
            throw new IllegalArgumentException(
                    "network must compute logits for each token and their gradient, got " + e, e);
        }
    }

    private void requireCausal() {
        int[] ids = ids(LENGTH);
        int[] changed = ids.clone();
        for (int i = SHORT; i < LENGTH; i++) {
            changed[i] = (changed[i] + 1) % network.vocabulary();
        }
        double[][] logits = network.logits(TokenRows.all(new int[][] {ids, changed}));
        for (int position = 0; position < SHORT; position++) {
            require(
                    "network must be causal: logits must not depend on later tokens",
                    logits[position],
                    logits[LENGTH + position]);
        }
    }

    private void requireUnpadded() {
        double[][] alone = network.logits(TokenRows.last(new int[][] {ids(SHORT)}));
        double[][] padded = network.logits(TokenRows.last(new int[][] {ids(LENGTH), ids(SHORT)}));
        require("logits must not depend on padding and on other sequences", padded[1], alone[0]);
    }

    private void require(String constraint, double[] logits, double[] others) {
        double most = 0;
        double size = 1;
        for (int token = 0; token < logits.length; token++) {
            most = Math.max(most, Math.abs(logits[token] - others[token]));
            size = Math.max(size, Math.abs(logits[token]));
        }
        double tolerance = isDouble() ? 1e-11 : 1e-4;
        if (!(most <= tolerance * size)) { // and so for NaN
            throw new IllegalArgumentException(constraint + ", got a difference of " + most);
        }
    }

    private void requireGradient() {
        try (NetworkPass pass = pass()) {
            double[] ones = new double[pass.logProbs().shape().tokens()];
            Arrays.fill(ones, 1);
            pass.backward(TokenGradient.of(pass.logProbs().shape(), ones));
        }
        double whole = network.gradient().norm2Number().doubleValue();
        network.arrays().forEach((name, array) -> {
            double norm = array.gradient().norm2Number().doubleValue();
            boolean isSmall = norm <= SMALL * whole; // not so for NaN
            requireDerivative(name, array, isSmall ? random(array, Math.max(1, whole)) : alongGradient(array, norm));
        });
        network.gradient().assign(0);
    }

    /**
     * A direction in which an array is moved.
     *
     * @param way the direction
     * @param slope how fast the log-probs may change along it
     * @param expected their derivative along it by the gradient
     * @param error how far the true derivative may be from that
     */
    private record Direction(INDArray way, double slope, double expected, double error) {

        boolean isClose(double derivative) {
            return Math.abs(derivative - expected) <= error;
        }
    }

    /** Along the gradient g, of the length 1: the derivative is ‖g‖. */
    private static Direction alongGradient(LanguageNetwork.Parameters array, double norm) {
        return new Direction(array.gradient().div(norm), norm, norm, ERROR * norm);
    }

    /** Rounding hides the derivative along a small gradient; there must be no large one along a random direction. */
    private Direction random(LanguageNetwork.Parameters array, double whole) {
        INDArray way =
                Nd4j.rand(array.values().ulike(), -1, 1, Nd4j.getRandomFactory().getNewRandomInstance(SEED));
        double expected = array.gradient().mul(way).sumNumber().doubleValue();
        return new Direction(way, whole, expected, (isDouble() ? 1e-5 : 1e-2) * whole);
    }

    private boolean isDouble() {
        return network.parameters().dataType() == DataType.DOUBLE;
    }

    private void requireDerivative(String name, LanguageNetwork.Parameters array, Direction direction) {
        double closest = Double.NaN;
        for (double change : CHANGES) {
            double derivative = derivative(array, direction.way(), change / direction.slope());
            if (direction.isClose(derivative)) {
                return;
            }
            double distance = Math.abs(closest - direction.expected());
            closest = Math.abs(derivative - direction.expected()) >= distance ? closest : derivative;
        }
        throw new IllegalArgumentException("gradient of " + name + " must be that of the log-probs, got one that is "
                // Not -0.0, if nothing is left of it.
                + (direction.expected() / closest + 0.0) + " times as large");
    }

    /** The central difference of the sum of log-probs. */
    private double derivative(LanguageNetwork.Parameters array, INDArray direction, double step) {
        INDArray before = array.values().dup();
        INDArray way = direction.mul(step);
        array.values().addi(way);
        double above = value();
        array.values().assign(before.sub(way));
        double below = value();
        array.values().assign(before);
        return (above - below) / (2 * step);
    }

    private double value() {
        try (NetworkPass pass = pass()) {
            return Arrays.stream(pass.logProbs().toArray()).sum();
        }
    }

    private NetworkPass pass() {
        List<TokenSequence> sequences = List.of(sequence(LENGTH), sequence(SHORT));
        return new NetworkPass(
                network,
                TokenRows.scored(sequences, network.vocabulary(), LENGTH),
                TokenShape.of(sequences),
                Set.of(),
                Optional.empty());
    }

    private TokenSequence sequence(int length) {
        int[] ids = ids(length);
        return TokenSequence.of(new int[] {ids[0]}, Arrays.copyOfRange(ids, 1, length));
    }

    private int[] ids(int length) {
        int[] ids = new int[length];
        Arrays.setAll(ids, i -> (7 * i * i + 3) % network.vocabulary());
        return ids;
    }
}
