package dpo.torch;

import dpo.torch.block.Architecture;
import dpo.torch.block.PackedRows;
import dpo.torch.block.Pass;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A language model on one device.
 *
 * @param architecture its blocks
 * @param machine where it lives
 * @param parameters of the model
 * @param weights the same as passes use them
 */
record Network(Architecture architecture, Machine machine, NamedTensors parameters, ModelWeights weights) {

    /** The embeddings of the packed tokens, {@code [packed, hidden]}, outside of any graph. */
    Tensor embed(Tensor ids) {
        return torch.embedding(embedding().detach(), ids);
    }

    /** Matrix of the token embeddings, {@code [vocabulary, hidden]}. */
    Tensor embedding() {
        return parameters.get(architecture.embedding().tokens());
    }

    /** From hidden states to log-probabilities. */
    LanguageHead head() {
        return new LanguageHead(
                parameters.get(architecture.head().matrix()), architecture.head().softCap(), machine.headProduct());
    }

    /**
     * Normalised last hidden states at the positions before scored tokens, outside of any graph.
     *
     * @return {@code [scored, hidden]}
     */
    Tensor hidden(PackedRows rows, Tensor ids) {
        try (Pass pass = new Pass(weights.outsideGraph(), rows)) {
            return new Decoder(architecture, pass).hidden(embed(ids));
        }
    }
}
