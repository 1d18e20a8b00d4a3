package dpo.torch.lm;

import dpo.torch.autograd.Recorder;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.layout.TokenLayout;
import dpo.torch.linear.Dropout;
import dpo.torch.nn.Architecture;
import dpo.torch.nn.Decoder;
import dpo.torch.nn.ForwardContext;
import dpo.torch.tensor.NamedTensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A language model on one device.
 *
 * @param architecture its layers
 * @param device of parameters and activations
 * @param parameters of the model
 * @param weights the parameters as matmuls take them
 */
public record LanguageModel(
        Architecture architecture, ComputeDevice device, NamedTensors parameters, ModelWeights weights) {

    /** The embeddings of tokens, {@code [packed, hidden]}, outside any graph. */
    public Tensor embed(Tensor ids) {
        return torch.embedding(embedding().detach(), ids);
    }

    /** The matrix of the token embedding, {@code [vocabulary, hidden]}. */
    public Tensor embedding() {
        return parameters.get(architecture.embedding().tokens());
    }

    /** The LM head. */
    public LanguageHead head() {
        return new LanguageHead(
                parameters.get(architecture.head().matrix()), architecture.head().softCap(), device.logitMatMul());
    }

    /** The context of a forward pass without a backward pass. */
    public ForwardContext context(TokenLayout layout) {
        return context(layout, Recorder.withoutGradient(device.precision()), Dropout.NONE);
    }

    /** The context of a forward pass. */
    public ForwardContext context(TokenLayout layout, Recorder recorder, Dropout dropout) {
        return new ForwardContext(weights.with(dropout), recorder, device, layout);
    }

    /**
     * The normalized last hidden states of the tokens that predict others, outside any graph.
     *
     * @return {@code [scored, hidden]}
     */
    public Tensor hidden(TokenLayout layout, Tensor ids) {
        try (ForwardContext context = context(layout)) {
            return new Decoder(architecture, context).hidden(embed(ids));
        }
    }
}
