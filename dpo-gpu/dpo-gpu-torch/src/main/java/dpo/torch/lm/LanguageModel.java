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
import dpo.torch.tensor.RetainedTensors;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A language model on one device.
 *
 * @param architecture its layers
 * @param device of parameters and activations
 * @param weights its parameters, also in the form that matmuls use
 */
public record LanguageModel(Architecture architecture, ComputeDevice device, ModelWeights weights) {

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
        return weights.parameters().get(architecture.embedding().tokens());
    }

    /** The LM head. */
    public LanguageHead head() {
        return new LanguageHead(
                weights.parameters().get(architecture.head().matrix()),
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
     * The parts of a pass that are computed side by side, each by one of {@link #ofParts}: the layout itself in large models.
     * Dropout belongs to the tokens of a whole pass, so a model that has it has no parts.
     */
    public List<? extends TokenLayout> parts(TokenLayout layout) {
        int most = weights.hasDropout() ? 1 : device.parts(layout.ids().length, architecture.meanMatrix());
        return most == 1 ? List.of(layout) : layout.parts(most);
    }

    /** The models for the parts of a pass, each on one thread: the same weights, from the second on with other gradients. */
    public List<LanguageModel> ofParts(int count) {
        ComputeDevice ofOneThread = device.ofOneThread();
        return IntStream.range(0, count)
                .mapToObj(index -> new LanguageModel(architecture, ofOneThread, weights.ofPart(index)))
                .toList();
    }

    /** Sets the threads of the calling thread for the head, after a body that was computed in parts. */
    public void useThreadsForHead(TokenLayout layout) {
        device.useThreadsFor(
                layout.predictors().length, (long) architecture.vocabularySize() * architecture.hiddenSize());
    }

    /** Adds the gradients of all parts, in their order. */
    public void addGradientsOfParts() {
        weights.addGradientsOfParts();
    }

    /**
     * The normalized last hidden states of the tokens that predict others, outside any graph.
     *
     * @return {@code [scored, hidden]}
     */
    public Tensor hidden(TokenLayout layout) {
        List<? extends TokenLayout> parts = parts(layout);
        if (parts.size() == 1) {
            return hiddenOfWhole(layout);
        }
        List<LanguageModel> models = ofParts(parts.size());
        Tensor[] hidden = new Tensor[parts.size()];
        try (RetainedTensors retained = new RetainedTensors()) {
            device.taskPool().run(parts.size(), part -> {
                Tensor ofPart = models.get(part).hiddenOfWhole(parts.get(part));
                hidden[part] = ofPart;
                synchronized (retained) {
                    retained.add(ofPart);
                }
            });
            useThreadsForHead(layout);
            return torch.cat(new TensorVector(hidden));
        }
    }

    private Tensor hiddenOfWhole(TokenLayout layout) {
        try (ForwardContext context = context(layout)) {
            return new Decoder(architecture, context).hidden(embed(device.place(Tensor.create(layout.ids()))));
        }
    }
}
