package dpo.torch.nn;

import dpo.torch.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/**
 * The body of a language model, from token embeddings to the last hidden states, in one forward pass.
 *
 * @param architecture its layers
 * @param context of the forward pass
 */
public record Decoder(Architecture architecture, ForwardContext context) {

    /** How a layer is evaluated. */
    @FunctionalInterface
    public interface LayerStep {

        /** The residual stream after the layer. */
        Tensor apply(Layer layer, Tensor stream);
    }

    /**
     * The normalized last hidden states of the tokens that predict others.
     *
     * @param embedded embeddings of the tokens, {@code [packed, hidden]}
     * @return {@code [scored, hidden]}
     */
    public Tensor hidden(Tensor embedded) {
        return hidden(embedded, (layer, stream) -> layer.apply(stream, context));
    }

    /**
     * The same, with layers evaluated in a given way.
     *
     * @param embedded embeddings of the tokens, {@code [packed, hidden]}
     * @return {@code [scored, hidden]}
     */
    public Tensor hidden(Tensor embedded, LayerStep step) {
        Tensor stream = architecture.embedding().apply(embedded, context);
        for (Layer layer : architecture.layers()) {
            Tensor input = stream;
            stream = Tensors.scoped(() -> step.apply(layer, input));
        }
        Tensor predicting = stream.index_select(
                0, context.device().place(Tensor.create(context.layout().predictors())));
        return architecture.lastNorm().apply(predicting, context);
    }
}
