package dpo.torch.block;

import dpo.core.setting.Requirement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A decoder-only language model: which blocks it is made of, and so the names and shapes of its parameters.
 *
 * @param name transformers' class, e.g. {@code LlamaForCausalLM}
 * @param vocabularySize number of token ids
 * @param hiddenSize width of the residual stream
 * @param maxLength number of positions
 * @param embedding beginning of the stream
 * @param layers what is added to it
 * @param lastNorm norm in front of the head
 * @param head the way to logits
 */
public record Architecture(
        String name,
        int vocabularySize,
        int hiddenSize,
        int maxLength,
        Embedding embedding,
        List<Layer> layers,
        Norm lastNorm,
        Head head) {

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

    /** Every projection of its layers. */
    public Stream<Projection> projections() {
        return layers.stream().flatMap(Layer::projections);
    }

    /** Names of the modules with a matrix outside of the layers: embeddings and head, also a head that is tied. */
    public Stream<String> otherModules() {
        return Stream.of(Stream.of(embedding.tokens()), embedding.positions().stream(),
                        Stream.of(head.matrix(), "lm_head.weight"))
                .flatMap(names -> names)
                .map(name -> name.substring(0, name.lastIndexOf('.')))
                .distinct();
    }

    /** What a pass keeps of each layer for the gradient. */
    public List<Kept> kept(PackedRows rows) {
        return layers.stream().map(layer -> layer.kept(rows, hiddenSize)).toList();
    }

    /** What a pass makes once for all layers. */
    public Kept keptOnce(PackedRows rows) {
        return layers.stream()
                .flatMap(layer -> layer.keptOnce(rows))
                .distinct()
                .map(Map.Entry::getValue)
                .reduce(Kept.NONE, Kept::plus);
    }

    /** A word on its size, for messages. */
    public String summary() {
        return name + " with " + layers.size() + " layers of width " + hiddenSize + " and " + vocabularySize
                + " token ids";
    }
}
