package dpo.torch;

import dpo.torch.block.Architecture;
import dpo.torch.block.KeyValueCache;
import dpo.torch.block.Layer;
import dpo.torch.block.PackedRows;
import dpo.torch.block.Pass;
import dpo.torch.block.Weights;
import org.bytedeco.pytorch.Tensor;

/** The body of a decoder: from token embeddings to the hidden states that predict the scored tokens. */
final class Decoder {

    private final Architecture architecture;
    private final Weights weights;

    Decoder(Architecture architecture, Weights weights) {
        this.architecture = architecture;
        this.weights = weights;
    }

    /**
     * Normalised last hidden states at the positions before scored tokens.
     *
     * @param rows the packed rows
     * @param embedded embeddings of their tokens, {@code [packed, hidden]}
     * @return {@code [scored, hidden]}
     */
    Tensor hidden(PackedRows rows, Tensor embedded) {
        return hidden(new Pass(weights, rows), embedded);
    }

    /** An empty cache for rows that this decoder continues. */
    KeyValueCache cache() {
        return new KeyValueCache(weights);
    }

    /** The same of a pass that may see more than its own rows. */
    Tensor hidden(Pass pass, Tensor embedded) {
        Tensor stream = architecture.embedding().apply(embedded, pass);
        for (Layer layer : architecture.layers()) {
            Tensor input = stream;
            stream = Tensors.scoped(() -> layer.apply(input, pass));
        }
        Tensor predicting = stream.index_select(0, weights.place(Tensor.create(pass.rows().scoredFrom())));
        return architecture.lastNorm().apply(predicting, weights);
    }
}
