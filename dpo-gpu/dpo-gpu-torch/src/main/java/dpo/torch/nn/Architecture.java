package dpo.torch.nn;

import dpo.core.setting.Requirement;
import dpo.torch.layout.PackedRows;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The architecture of a decoder-only language model: its blocks, and thereby the names and shapes of its parameters.
 *
 * @param name of the class in transformers, e.g. {@code LlamaForCausalLM}
 * @param vocabularySize number of token ids
 * @param hiddenSize width of the residual stream
 * @param maxLength number of positions
 * @param embedding of tokens
 * @param layers of the decoder
 * @param lastNorm norm before the head
 * @param head from hidden states to logits
 */
public record Architecture(
        String name,
        int vocabularySize,
        int hiddenSize,
        int maxLength,
        Embedding embedding,
        List<Layer> layers,
        Norm lastNorm,
        LmHead head) {

    public Architecture {
        Requirement.atLeast("vocab_size", vocabularySize, 2);
        Requirement.atLeast("hidden_size", hiddenSize, 1);
        Requirement.atLeast("num_hidden_layers", layers.size(), 1);
        Requirement.atLeast("max_position_embeddings", maxLength, 2);
        layers = List.copyOf(layers);
    }

    /** Name and shape of every parameter, in the order of the model. */
    public Map<String, List<Long>> parameters() {
        Map<String, List<Long>> all = new LinkedHashMap<>();
        Stream.of(
                        Stream.of(Parameter.of(embedding.tokens(), vocabularySize, hiddenSize)),
                        embedding.positions().stream().map(matrix -> Parameter.of(matrix, maxLength, hiddenSize)),
                        layers.stream().flatMap(Layer::parameters),
                        lastNorm.parameters(),
                        Stream.of(Parameter.of(head.matrix(), vocabularySize, hiddenSize)))
                .flatMap(parameters -> parameters)
                .forEach(parameter -> all.putIfAbsent(parameter.name(), parameter.shape()));
        return all;
    }

    /** All projections of its layers. */
    public Stream<Projection> projections() {
        return layers.stream().flatMap(Layer::projections);
    }

    /** Names of the modules with a matrix outside the layers: embeddings and head, also a tied head. */
    public Stream<String> otherModules() {
        return Stream.of(
                        Stream.of(embedding.tokens()),
                        embedding.positions().stream(),
                        Stream.of(head.matrix(), "lm_head.weight"))
                .flatMap(names -> names)
                .map(name -> name.substring(0, name.lastIndexOf('.')))
                .distinct();
    }

    /** Numbers in a weight matrix, on average over the projections and the LM head. */
    public long meanMatrix() {
        long ofHead = (long) vocabularySize * hiddenSize;
        long ofProjections = projections()
                .mapToLong(projection -> (long) projection.in() * projection.out())
                .sum();
        return (ofProjections + ofHead) / (projections().count() + 1);
    }

    /** The activations that each layer saves for the backward pass. */
    public List<SavedActivations> savedActivations(PackedRows rows) {
        return layers.stream()
                .map(layer -> layer.savedActivations(rows, hiddenSize))
                .toList();
    }

    /** The values that all layers share in a forward pass. */
    public SavedActivations sharedActivations(PackedRows rows) {
        return layers.stream()
                .flatMap(layer -> layer.sharedActivations(rows))
                .distinct()
                .map(Map.Entry::getValue)
                .reduce(SavedActivations.NONE, SavedActivations::plus);
    }

    /** Its name and size, for messages. */
    public String summary() {
        return name + " with " + layers.size() + " layers of width " + hiddenSize + " and " + vocabularySize
                + " token ids";
    }
}
