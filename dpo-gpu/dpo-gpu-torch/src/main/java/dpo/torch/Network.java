package dpo.torch;

import dpo.torch.block.Architecture;
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
record Network(Machine machine, Tensor embedding, Decoder decoder, LanguageHead head) {

    /** The network of an architecture over its parameters. */
    static Network of(Architecture architecture, FloatTensors parameters, Machine machine) {
        return new Network(
                machine,
                parameters.get(architecture.embedding().tokens()),
                new Decoder(architecture, new MachineWeights(parameters, machine)),
                new LanguageHead(
                        parameters.get(architecture.head().matrix()),
                        architecture.head().softCap(),
                        machine.product()));
    }

    /** The embeddings of token ids, {@code [ids, hidden]}, outside of any graph. */
    Tensor embed(Tensor ids) {
        try (NoGradGuard noGrad = new NoGradGuard()) {
            return torch.embedding(embedding, ids);
        }
    }
}
