package dpo.torch;

import dpo.torch.checkpoint.LlamaConfig;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The parts of a language model on one device.
 *
 * @param machine where it lives
 * @param embedding matrix of the token embeddings, {@code [vocabulary, hidden]}
 * @param decoder from embeddings to hidden states
 * @param head from hidden states to log-probabilities
 */
@SuppressWarnings("try") // scopes are opened and closed, not used
record Network(Machine machine, Tensor embedding, LlamaDecoder decoder, LanguageHead head) {

    /** The network of a configuration over its parameters. */
    static Network of(LlamaConfig config, FloatTensors parameters, Machine machine) {
        return new Network(
                machine,
                parameters.get(LlamaConfig.EMBEDDING),
                new LlamaDecoder(config, parameters, machine),
                new LanguageHead(parameters.get(config.headName()), machine.product()));
    }

    /** The embeddings of token ids, {@code [ids, hidden]}, outside of any graph. */
    Tensor embed(Tensor ids) {
        try (NoGradGuard noGrad = new NoGradGuard()) {
            return torch.embedding(embedding, ids);
        }
    }
}
