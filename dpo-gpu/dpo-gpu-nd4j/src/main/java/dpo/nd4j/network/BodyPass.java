package dpo.nd4j.network;

import java.util.function.Function;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A forward pass of a network's body, whose activations are held for one backward pass. */
final class BodyPass implements AutoCloseable {

    private final LanguageNetwork network;
    private final TokenRows rows;
    private final Activations activations = new Activations();
    private int passes;
    private int updates;
    private boolean used;

    BodyPass(LanguageNetwork network, TokenRows rows) {
        this.network = network;
        this.rows = rows;
    }

    /** Runs what the head does with the hidden states at the places of the rows, {@code [places, width]}; once. */
    <T> T run(Function<INDArray, T> head) {
        boolean complete = false;
        try {
            T result = activations.in(() -> head.apply(network.hidden(rows)));
            passes = network.passes();
            updates = network.updates();
            complete = true;
            return result;
        } finally {
            if (!complete) { // an object whose constructor fails cannot be closed
                activations.close();
            }
        }
    }

    /** Back-propagates the gradient of the hidden states, which is computed first. */
    void backward(Supplier<INDArray> ofHidden) {
        if (used) {
            throw new IllegalStateException("backward must be called at most once, got a second call");
        }
        if (network.updates() != updates) {
            throw new IllegalStateException("parameters must not change between forward and backward, got an update");
        }
        used = true;
        activations.in(() -> {
            if (network.passes() != passes) {
                network.hidden(rows); // Another pass has taken the place of this one in the layers.
            }
            network.backward(rows, ofHidden.get());
            return true;
        });
    }

    @Override
    public void close() {
        activations.close();
    }
}
