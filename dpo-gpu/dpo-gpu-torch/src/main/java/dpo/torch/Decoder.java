package dpo.torch;

import dpo.torch.block.Architecture;
import dpo.torch.block.KeyValueCache;
import dpo.torch.block.Layer;
import dpo.torch.block.Pass;
import org.bytedeco.pytorch.Tensor;

/** The body of a decoder: from token embeddings to the hidden states that predict the scored tokens. */
final class Decoder {

    private final Architecture architecture;
    private final Pass pass;

    Decoder(Architecture architecture, Pass pass) {
        this.architecture = architecture;
        this.pass = pass;
    }

    /** How the stream goes through a layer. */
    @FunctionalInterface
    interface Step {
        Tensor through(Layer layer, Tensor stream);
    }

    /**
     * Normalised last hidden states at the positions before scored tokens.
     *
     * @param embedded embeddings of the packed tokens, {@code [packed, hidden]}
     * @return {@code [scored, hidden]}
     */
    Tensor hidden(Tensor embedded) {
        return hidden(embedded, (layer, stream) -> layer.apply(stream, pass));
    }

    /**
     * The same, layer by layer in a way of one's own.
     *
     * @param embedded embeddings of the packed tokens, {@code [packed, hidden]}
     * @return {@code [scored, hidden]}
     */
    Tensor hidden(Tensor embedded, Step step) {
        Tensor stream = architecture.embedding().apply(embedded, pass);
        for (Layer layer : architecture.layers()) {
            Tensor input = stream;
            stream = Tensors.scoped(() -> step.through(layer, input));
        }
        Tensor predicting = stream.index_select(0, pass.weights().place(Tensor.create(pass.rows().scoredFrom())));
        return architecture.lastNorm().apply(predicting, pass.weights());
    }
}
