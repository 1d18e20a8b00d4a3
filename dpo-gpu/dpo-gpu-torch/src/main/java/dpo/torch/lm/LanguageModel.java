package dpo.torch.lm;

import dpo.core.sequence.TokenSequence;
import dpo.torch.autograd.Recorder;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.layout.PackedRows;
import dpo.torch.layout.TokenLayout;
import dpo.torch.linear.Dropout;
import dpo.torch.nn.Architecture;
import dpo.torch.nn.Decoder;
import dpo.torch.nn.ForwardContext;
import dpo.torch.tensor.NamedTensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A language model on one device.
 *
 * @param architecture its layers
 * @param device of parameters and activations
 * @param parameters of the model
 * @param weights the parameters in the form that matmuls use
 */
public record LanguageModel(
        Architecture architecture, ComputeDevice device, NamedTensors parameters, ModelWeights weights) {

    /**
     * Packs sequences.
     *
     * @throws IllegalArgumentException if there are none, or one of them is too long or has an unknown token
     */
    public PackedRows packed(List<TokenSequence> sequences) {
        if (sequences.isEmpty()) {
            throw new IllegalArgumentException("sequences must hold at least one, got none");
        }
        for (int row = 0; row < sequences.size(); row++) {
            TokenSequence sequence = sequences.get(row);
            if (sequence.length() > architecture.maxLength()) {
                throw new IllegalArgumentException("sequence must have at most " + architecture.maxLength()
                        + " tokens, got " + sequence.length() + " (row " + row + ")");
            }
            for (int i = 0; i < sequence.length(); i++) {
                if (sequence.id(i) >= architecture.vocabularySize()) {
                    throw new IllegalArgumentException("token id must be below " + architecture.vocabularySize()
                            + ", got " + sequence.id(i) + " (row " + row + ", position " + i + ")");
                }
            }
        }
        return new PackedRows(sequences);
    }

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
                parameters.get(architecture.head().matrix()),
                architecture.head().softCap(),
                device.logitMatMul());
    }

    /** The context of a forward pass without a backward pass. */
    public ForwardContext context(TokenLayout layout) {
        return context(layout, Recorder.withoutGradient(device.precision()), Dropout.NONE);
    }

    /** The context of a forward pass, which the calling thread runs next. */
    public ForwardContext context(TokenLayout layout, Recorder recorder, Dropout dropout) {
        device.useThreadsFor(layout.ids().length, architecture.meanMatrix());
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
