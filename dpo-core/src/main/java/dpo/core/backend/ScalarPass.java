package dpo.core.backend;

/** The forward pass of a scalar model on a micro-batch. Back-propagation is possible until it is closed. */
public interface ScalarPass extends AutoCloseable {

    /** The values, {@code [sequence][0 … T]}. */
    double[][] values();

    /**
     * Adds {@code Σ g_si ∂v_si/∂θ} to the gradient of the parameters. One call per pass.
     *
     * @param gradient g, the loss's gradient with respect to {@link #values}, of the same shape
     */
    void backward(double[][] gradient);

    /** Frees the saved activations. */
    @Override
    void close();
}
